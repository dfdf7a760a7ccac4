import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/consumer.ts";

/** A block of code of a page. */
export interface Block {
  readonly heading: string;
  readonly language: string;
  readonly code: string;
}

/** The blocks of code of a page in docs/, in order. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, "docs", page), "utf8");
  let heading = "";
  return [...text.matchAll(/^#+ (.+)$|^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, title, language, code]) => {
    if (title !== undefined) heading = title;
    return title === undefined ? [{ heading, language: language as string, code: code as string }] : [];
  });
}

/** The one block of a language under a heading; with `begins`, the one of several that begins so. */
export function blockOf(blocks: readonly Block[], heading: string, language: string, begins = ""): string {
  const found = blocks.filter(
    (block) => block.heading === heading && block.language === language && block.code.startsWith(begins),
  );
  if (found.length !== 1)
    throw new Error(`expected one block of ${language} under "${heading}", found ${found.length}`);
  return (found[0] as Block).code;
}

/** Lines that are neither empty nor a comment. */
export const linesOf = (code: string): readonly string[] =>
  code.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
