import type { Dataset } from "../train/data/dataset.ts";
import { cutNetwork, denseHead, featuresOf, join, opsetOf, outputDims, pooling } from "../train/finetune.ts";
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
}

/** Features of a network are larger than pixels: SGD needs smaller steps on them than on pictures. */
const SGD_RATE = 0.01;

/** `lanewise finetune`: what comes before the cut is frozen and computed once, a new head is trained on it. */
export async function finetune(model: string, options: FinetuneOptions): Promise<void> {
  await checkOutputs(options);
  const { data: address, limit, validation, seed, hidden = [] } = options;
  const cut = cutNetwork((await modelNetwork(model)).graph, options.cut);
  const opset = opsetOf(cut.graph);
  const frozen = join(cut, pooling(outputDims(cut), opset));
  const inputDims = sampleDims(frozen);
  // As `lanewise run --image` prepares pictures for a model that ranks classes.
  const preset = options.preset ?? (inputDims[0] === 3 ? "imagenet" : "unit");
  const data = await trainingData(address, { inputDims, preset, limit, validation, seed });
  const line = progressLine();
  const features = async (set: Dataset, name: string): Promise<Dataset> => {
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
  const network = denseHead(outputDims(frozen)[0] as number, {
    classes: train.classes as number,
    hidden,
    seed,
    opset,
  });
  const task = {
    name: `${model} from ${options.cut}`,
    network,
    train,
    validation: data.validation && (await features(data.validation, "validation")),
    test: data.test && (await features(data.test, "test")),
    classNames: data.classNames,
    finish: (head: typeof network) => join(frozen, head),
  };
  const rate = options.learningRate ?? (options.optimizer === "sgd" ? SGD_RATE : undefined);
  await runTraining(task, { ...options, ...(rate !== undefined && { learningRate: rate }) });
}
