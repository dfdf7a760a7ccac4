import { LanewiseError, ShapeError } from "../../errors.ts";
import { type Dim, type Fact, type Graph, isConcrete } from "../../graph/graph.ts";
import { type MemoryNeed, memoryOf } from "../../inspect/memory.ts";
import { type Summary, summarize } from "../../inspect/summary.ts";
import type { Imported } from "../../onnx/import.ts";
import type { Model } from "../../onnx/model.ts";
import { type CommonOptions, grouped, print, printJson } from "../command.ts";
import { resolveDims } from "../input-dims.ts";
import { openModel } from "../open-model.ts";
import { table } from "../table.ts";

export interface SummaryOptions extends CommonOptions {
  readonly dims?: readonly string[];
}

/** What `inspect` finds; `--json` prints it without the facts. */
interface Inspection {
  readonly model: Model;
  readonly imported: Imported;
  readonly summary: Summary;
  /** Sizes that were filled in. */
  readonly assumed: readonly string[];
  readonly memory: MemoryNeed | undefined;
  /** Why there is no memory to show. */
  readonly memoryReason: string | undefined;
}

/** Shows a model's layers, shapes, parameters, multiply-accumulates, memory and unsupported nodes. */
export async function showSummary(path: string, options: SummaryOptions): Promise<void> {
  const { model, imported } = await openModel(path);
  const inspection = examine(model, imported, options.dims ?? []);
  if (options.json) printJson(toJson(path, inspection));
  else print(report(path, inspection));
  if (imported.unsupported.length > 0) process.exitCode = 1;
}

function examine(model: Model, imported: Imported, given: readonly string[]): Inspection {
  const { graph, unsupported } = imported;
  const inputs = graph.inputs
    .filter((name) => graph.facts.get(name)?.container === undefined)
    .map((name) => ({ name, shape: graph.facts.get(name)?.dims }));
  const { dims, assumed, open } = resolveDims(inputs, given);
  let sized = withDims(graph, dims);
  let filled = assumed;
  let summary: Summary;
  try {
    summary = summarize(sized, unsupported);
  } catch (error) {
    // Sizes nobody asked for may not suit the model: then they stay open.
    if (!(error instanceof ShapeError) || assumed.length === 0 || given.length > 0) throw error;
    sized = graph;
    filled = [];
    summary = summarize(graph, unsupported);
  }
  const still = filled.length < assumed.length ? inputs.map(({ name }) => name) : open;
  const found: MemoryNeed | string =
    unsupported.length > 0
      ? "there are unsupported nodes"
      : still.length > 0
        ? `the sizes of ${still.join(", ")} are open: give --dims`
        : plannedMemory(sized);
  const [memory, memoryReason] = typeof found === "string" ? [undefined, found] : [found, undefined];
  return { model, imported, summary, assumed: filled, memory, memoryReason };
}

function withDims(graph: Graph, dims: ReadonlyMap<string, readonly Dim[]>): Graph {
  const facts = new Map(graph.facts);
  for (const [name, sizes] of dims) facts.set(name, { ...(facts.get(name) as Fact), dims: sizes });
  return { ...graph, facts };
}

/** What a session would reserve; a message where the model cannot be planned. */
function plannedMemory(graph: Graph): MemoryNeed | string {
  try {
    return memoryOf(graph);
  } catch (error) {
    if (error instanceof LanewiseError) return error.message;
    throw error;
  }
}

interface ShownValue {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly Dim[] | null;
}

function shownValue(name: string, { imported, summary }: Inspection): ShownValue {
  const fact = summary.facts.get(name);
  const declared = imported.declared.get(name);
  const container = fact?.container ?? (declared?.container === "tensor" ? undefined : declared?.container);
  const dtype = fact?.dtype ?? declared?.dtype ?? "unknown";
  const dims = (isConcrete(fact) ? fact.dims : (fact?.dims ?? declared?.dims)) ?? null;
  return {
    name,
    type: container === undefined ? dtype : `${container}(${dtype})`,
    dims: container === undefined ? dims : null,
  };
}

function toJson(path: string, inspection: Inspection): object {
  const { model, imported, summary, assumed, memory } = inspection;
  const { layers, parameters, macs } = summary;
  return {
    model: path,
    producer: model.producer,
    ir_version: model.irVersion,
    opsets: Object.fromEntries(
      [...model.opsets].map(([domain, version]) => [domain === "" ? "ai.onnx" : domain, version]),
    ),
    inputs: imported.graph.inputs.map((name) => shownValue(name, inspection)),
    outputs: imported.graph.outputs.map((name) => shownValue(name, inspection)),
    assumed,
    layers: layers.map(({ name, op, domain, output, parameters, macs, supported, receptiveField }) => ({
      name,
      op,
      ...(domain !== "" && { domain }),
      output: output ?? null,
      parameters,
      macs: macs ?? null,
      supported,
      receptive_field: receptiveField ?? null,
    })),
    totals: { layers: layers.length, parameters, macs: macs ?? null },
    arena_bytes: memory?.arenaBytes ?? null,
    weight_bytes: memory?.weightBytes ?? null,
    unsupported: imported.unsupported,
  };
}

function report(path: string, inspection: Inspection): string {
  const { model, imported, summary, assumed, memory, memoryReason } = inspection;
  const { layers, parameters, macs } = summary;
  const opsets = [...model.opsets].map(
    ([domain, version]) => `${domain === "" ? "ai.onnx" : domain} ${version}`,
  );
  const row = (kind: string) => (name: string) => {
    const { type, dims } = shownValue(name, inspection);
    return [kind, name, type, showDims(dims)];
  };
  const values = [...imported.graph.inputs.map(row("input")), ...imported.graph.outputs.map(row("output"))];
  const parts = [
    `${path}: ${model.producer || "unknown producer"}, IR version ${model.irVersion}, opset ${opsets.join(", ")}`,
    table([{ title: "" }, { title: "" }, { title: "" }, { title: "" }], values),
    table(
      [
        { title: "layer" },
        { title: "op" },
        { title: "output" },
        { title: "sees" },
        { title: "parameters", align: "right" },
        { title: "MACs", align: "right" },
      ],
      layers.map(({ name, op, domain, output, parameters, macs, supported, receptiveField }) => [
        name,
        `${domain === "" ? "" : `${domain}.`}${op}${supported ? "" : " (unsupported)"}`,
        showDims(output ?? null),
        receptiveField?.map(({ size }) => size).join("×") ?? "",
        parameters === 0 ? "" : grouped(parameters),
        macs === undefined ? "?" : macs === 0 ? "" : grouped(macs),
      ]),
    ),
    `${layers.length} layers, ${grouped(parameters)} parameters, ${macs === undefined ? "MACs unknown" : `${grouped(macs)} MACs`}`,
  ];
  if (assumed.length > 0) parts.push(`open sizes taken as ${assumed.join("; ")} (--dims changes them)`);
  parts.push(
    memory === undefined
      ? `memory unknown: ${memoryReason}`
      : `arena ${megabytes(memory.arenaBytes)}, weights ${megabytes(memory.weightBytes)}${memory.partial ? " up to the first shape that depends on data" : ""}`,
  );
  if (imported.unsupported.length > 0) {
    const rows = imported.unsupported.map(({ name, op, domain, opset, reason }) => [
      name,
      domain === "" ? op : `${domain}.${op}`,
      opset,
      reason,
    ]);
    parts.push(
      `unsupported: ${imported.unsupported.length}\n${table([{ title: "node" }, { title: "op" }, { title: "opset", align: "right" }, { title: "reason" }], rows)}`,
    );
  }
  return parts.join("\n\n");
}

const showDims = (dims: readonly Dim[] | null): string => (dims === null ? "?" : `[${dims.join(", ")}]`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
