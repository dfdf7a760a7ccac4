import { Command, CommanderError } from "commander";
import { env } from "../env.ts";
import { LanewiseError } from "../errors.ts";
import { addTraining } from "../train/add-training.ts";
import { batchCommand } from "./batch/command.ts";
import { benchCommand } from "./bench.ts";
import { printJson, renderError } from "./command.ts";
import { inspectCommand } from "./inspect/command.ts";
import { modelsCommand } from "./models.ts";
import { runCommand } from "./run.ts";
import { finetuneCommand, trainCommand } from "./training-commands.ts";
import { verifyCommand } from "./verify.ts";

addTraining();

/** The command line. Exit code 0 only on success; an error is one line on stderr. */
async function main(args: readonly string[]): Promise<void> {
  const program = new Command("lanewise")
    .description("Runs and trains ONNX models on WebAssembly SIMD.")
    .version(env.versions.lanewise)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "lanewise: ")) })
    .exitOverride();
  const commands = [
    runCommand(),
    batchCommand(),
    inspectCommand(),
    modelsCommand(),
    verifyCommand(),
    benchCommand(),
    trainCommand(),
    finetuneCommand(),
  ];
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
    if (error instanceof CommanderError) return;
    process.stderr.write(`${renderError(error, args.includes("--debug"))}\n`);
    if (args.includes("--json")) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      printJson({ error: { name, ...(error instanceof LanewiseError && { code: error.code }), message } });
    }
  }
}

// A reader that closes the pipe early (`… | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

await main(process.argv.slice(2));
