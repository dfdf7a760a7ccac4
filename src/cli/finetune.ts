import type { Network } from "../nn/network.ts";
import type { Dataset } from "../train/data/dataset.ts";
import {
  cutNetwork,
  denseHead,
  featuresOf,
  join,
  opsetOf,
  outputDims,
  pooling,
  tailNetwork,
} from "../train/finetune.ts";
import { sampleDims } from "../train/forward.ts";
import type { PresetName } from "../vision/presets.ts";
import { progressLine } from "./progress.ts";
import { trainingData } from "./training-data.ts";
import type { TrainingCommandOptions } from "./training-flags.ts";
import { modelNetwork } from "./training-networks.ts";
import { checkOutputs, runTraining } from "./training-run.ts";

export interface FinetuneOptions extends TrainingCommandOptions {
  readonly cut: string;
  readonly hidden?: readonly number[];
  readonly preset?: PresetName;
  readonly memory: number;
  /** The value behind which layers of the model train with the head; by default that of `cut`. */
  readonly trainFrom?: string;
  /** Height and width of the pictures, where not the model's own. */
  readonly inputSize?: number;
}

/** Features of a network are larger than pixels: SGD needs smaller steps on them than on pictures. */
const SGD_RATE = 0.01;

/** The model in two parts: one that stays as it is and runs once, and one that the head is put on. */
interface Parts {
  /** Undefined where all of the model trains. */
  readonly frozen: Network | undefined;
  /** Gives a row of features; undefined where that is what the frozen part gives. */
  readonly tail: Network | undefined;
}

function partsOf(model: Network, cut: string, from: string): Parts {
  const whole = cutNetwork(model.graph, cut);
  const pool = pooling(outputDims(whole), opsetOf(whole.graph));
  if (from === cut) return { frozen: join(whole, pool), tail: undefined };
  const all = model.graph.inputs.includes(from);
  const tail = join(tailNetwork(model, from, cut), pool);
  return { frozen: all ? undefined : cutNetwork(model.graph, from), tail };
}

/**
 * `lanewise finetune`: what comes before a value is frozen and computed once; what lies between that and the cut trains with the
 * new head.
 */
export async function finetune(model: string, options: FinetuneOptions): Promise<void> {
  await checkOutputs(options);
  const { data: address, limit, validation, seed, hidden = [], cut, trainFrom = cut } = options;
  const original = await modelNetwork(model, options.inputSize);
  const { frozen, tail } = partsOf(original, cut, trainFrom);
  const inputDims = sampleDims(frozen ?? (tail as Network));
  // As `lanewise run --image` prepares pictures for a model that ranks classes.
  const preset = options.preset ?? (inputDims[0] === 3 ? "imagenet" : "unit");
  const data = await trainingData(address, { inputDims, preset, limit, validation, seed });
  const line = progressLine();
  const features = async (set: Dataset, name: string): Promise<Dataset> => {
    if (frozen === undefined) return set;
    const began = performance.now();
    try {
      return await featuresOf(frozen, set, {
        threads: options.threads,
        maxBytes: options.memory * 2 ** 20,
        onProgress(done, length) {
          const rate = Math.round((1000 * done) / (performance.now() - began));
          line.update(`features of the ${name} set  ${done}/${length}  ${rate} images/s`, done / length);
        },
      });
    } finally {
      line.done();
    }
  };
  const train = await features(data.train, "training");
  const head = denseHead(outputDims((tail ?? frozen) as Network)[0] as number, {
    classes: train.classes as number,
    hidden,
    seed,
    opset: opsetOf(original.graph),
  });
  const task = {
    name: `${model} from ${trainFrom}`,
    network: tail === undefined ? head : join(tail, head),
    train,
    validation: data.validation && (await features(data.validation, "validation")),
    test: data.test && (await features(data.test, "test")),
    classNames: data.classNames,
    finish: (trained: Network) => (frozen === undefined ? trained : join(frozen, trained)),
  };
  const rate = options.learningRate ?? (options.optimizer === "sgd" ? SGD_RATE : undefined);
  await runTraining(task, { ...options, ...(rate !== undefined && { learningRate: rate }) });
}
