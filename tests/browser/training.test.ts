import { afterAll, expect, test } from "vitest";
import { createPages, type PageModules } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

/** What a page is asked to train on. */
interface Task {
  readonly samples: number;
  readonly epochs: number;
  readonly threads: number;
}

/** LeNet-5 (the variant of models/lenet5.ts) from lanewise/nn, trained on digits by lanewise/train, run by lanewise. */
async function trainDigits(
  { lanewise, nn, train, threading }: PageModules,
  { samples, epochs, threads }: Task,
) {
  const network = nn.sequential({ input: [1, 28, 28], name: "lenet5", seed: 1 }, [
    nn.conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
    nn.relu(),
    nn.maxPool2d({ kernelSize: 2 }),
    nn.conv2d({ filters: 16, kernelSize: 5 }),
    nn.relu(),
    nn.maxPool2d({ kernelSize: 2 }),
    nn.flatten(),
    nn.dense({ units: 120 }),
    nn.relu(),
    nn.dense({ units: 84 }),
    nn.relu(),
    nn.dense({ units: 10 }),
  ]);
  const trainer = await train.compile(network, {
    optimizer: train.sgd({ learningRate: 0.02, momentum: 0.9 }),
    loss: train.softmaxCrossEntropy(),
    metrics: [train.accuracy()],
    seed: 1,
    simd: "plain",
    threads,
    threading,
  });
  const held = await train.inMemory(train.digits({ count: 200, seed: 2 }));
  const data = await train.inMemory(train.digits({ count: samples, seed: 1 }));
  const before = await trainer.evaluate(held);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const began = performance.now();
  const history = await trainer.fit(data, { epochs, batchSize: 20 });
  const fitMs = performance.now() - began;
  clearInterval(timer);
  const after = await trainer.evaluate(held);

  const x = train.digit(3, 5) as Float32Array<ArrayBuffer>;
  const predicted = trainer.predict({ dtype: "float32", dims: [1, 1, 28, 28], data: x });
  const model = train.exportNetwork(trainer.network());
  trainer.release();
  const session = await lanewise.InferenceSession.create(model, { simd: "plain" });
  const [input, output] = [session.inputNames[0] as string, session.outputNames[0] as string];
  const results = await session.run({ [input]: new lanewise.Tensor("float32", x, [1, 1, 28, 28]) });
  const exported = Array.from(results[output]?.data as Float32Array);
  await session.release();
  return {
    before,
    after,
    losses: history.map(({ training }) => training.loss),
    ticks,
    fitMs,
    predicted: Array.from(predicted.data as Float32Array),
    exported,
  };
}

test("a page trains LeNet-5 on digits, goes on living meanwhile, and runs what it exports", async (context) => {
  const pages = await browser.open(context);
  const task: Task = { samples: 1000, epochs: 3, threads: 1 };
  const { before, after, losses, ticks, fitMs, predicted, exported } = await pages.run(trainDigits, task, {
    training: true,
  });
  // Ten classes by chance: ln 10 = 2.30 and 0.1.
  expect(before.loss).toBeGreaterThan(2);
  expect(before.accuracy).toBeLessThan(0.3);
  expect(after.loss).toBeLessThan(0.5);
  expect(after.accuracy).toBeGreaterThan(0.85);
  expect(losses).toEqual([...losses].sort((a, b) => b - a));
  // The event loop gets its turn every 8 ms or so; browsers let a timer in at every second or third.
  expect(ticks).toBeGreaterThan(fitMs / 50);
  expect(predicted.indexOf(Math.max(...predicted))).toBe(3);
  const apart = Math.max(...exported.map((value, i) => Math.abs(value - (predicted[i] as number))));
  expect(apart).toBeLessThanOrEqual(1e-5 * Math.max(...predicted.map(Math.abs)));
});

test("an isolated page trains on two threads to the weights that one thread gives", async (context) => {
  const pages = await browser.open(context);
  const [one, two] = await Promise.all(
    [1, 2].map((threads) =>
      pages.run(trainDigits, { samples: 100, epochs: 2, threads } as Task, {
        training: true,
        isolated: true,
      }),
    ),
  );
  expect(two?.losses).toEqual(one?.losses);
  expect(two?.predicted).toEqual(one?.predicted);
});
