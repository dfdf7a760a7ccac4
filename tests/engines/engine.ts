import type { TestContext } from "vitest";
import { startEngine } from "../../scripts/engines/index.mjs";
import { findPrograms, whyMissing } from "../../scripts/programs.mjs";
import { dataPath } from "../support/data.ts";
import { leaveOut } from "../support/leave-out.ts";
import { openSite, type Page, type Site } from "./site.ts";

export type EngineName = "Chromium" | "Firefox" | "WebKit";

/** What a page says of a photo that it classified. */
export interface Classified {
  /** What the model gives for each class. */
  readonly scores: readonly number[];
  /** The pixels that it gave them for. */
  readonly photo: { readonly width: number; readonly height: number; readonly data: readonly number[] };
  /** What the session ran on. */
  readonly simd: "plain" | "relaxed";
  readonly threads: number;
  /** Which builds the engine can run. */
  readonly builds: { readonly plain: boolean; readonly relaxed: boolean };
  /** Whether the page's policy lets it make code of text. */
  readonly canEval: boolean;
  /** What onnxruntime-web gives, where it was asked. */
  readonly peer?: readonly number[];
}

export const MODEL = ["models/mobilenetv2_fp32_dequant/model.onnx"] as const;
const PHOTO = "images/imagenet_samples/n02391049_zebra.JPEG";
/** The photo's class in ImageNet. */
export const ZEBRA = 340;

let site: Promise<Site> | undefined;

/** An engine that the tests of a file share; the first of them starts it. */
export function createEngine(name: EngineName, options: { readonly sharedMemory?: boolean } = {}) {
  let engine: ReturnType<typeof startEngine> | undefined;
  return {
    async open(context: TestContext) {
      const files = { "model.onnx": dataPath(context, MODEL[0]), "photo.jpg": dataPath(context, PHOTO) };
      if (findPrograms(name) === undefined) leaveOut(context, whyMissing(name), "LANEWISE_REQUIRE_ENGINES");
      site ??= openSite(files);
      engine ??= startEngine(name, options);
      const [{ page: newPage }, { visit }] = await Promise.all([site, engine]);
      return {
        /** Opens a page and gives what it reports; throws what it reports as an error. */
        async visit(page: Page): Promise<Classified> {
          const { address, report } = newPage(page);
          const [classified] = await Promise.all([report, visit(address)]);
          return classified as Classified;
        },
      };
    },
    close: async () => (await engine)?.close(),
  };
}

export const closeSite = async (): Promise<void> => (await site)?.close();
