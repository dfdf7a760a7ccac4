// What the experiments look at: a painted lighthouse, digits, patterns.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rowsOf } from "lanewise/inspect";
import { digits, mnist, subset } from "lanewise/train";
import { crop, resize } from "lanewise/vision";
import { pictureOf, planeFrom } from "./planes.mjs";
import { readPng } from "./png.mjs";

const models = (name) => fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));

/** The lighthouse of lanewise's checkout, 320×240; where there is none, a house before the sky. */
export const scene = () =>
  existsSync(models("lighthouse.png")) ? readPng(models("lighthouse.png")) : house();

/** The part of the scene that the tower stands in, 96×128. */
export const tower = (picture) => crop(picture, 180, 44, 96, 128);

/** A picture at half its width and height. */
export const halved = (picture) => resize(picture, picture.width / 2, picture.height / 2);

/** The bytes of a file of lanewise's checkout in models/, LeNet-5 say. */
export function modelFile(name) {
  if (!existsSync(models(name))) throw new Error(`there is no models/${name} here: give --model FILE.onnx`);
  return readFileSync(models(name));
}

/** A white house with a red roof before a blue sky, 320×240. */
function house() {
  const colorAt = (x, y) => {
    if (Math.hypot(x - 250, y - 50) < 24) return [1, 0.95, 0.6];
    if (y > 190) return [0.2, 0.5 + 0.1 * Math.sin(x / 5), 0.2];
    if (y > 120 && x > 90 && x < 210)
      return x > 140 && x < 160 && y > 150 ? [0.4, 0.25, 0.15] : [0.95, 0.93, 0.9];
    if (y > 70 && y <= 120 && Math.abs(x - 150) < (y - 70) * 1.5) return [0.75, 0.15, 0.1];
    return [0.4 + y / 500, 0.6 + y / 600, 0.95];
  };
  return pictureOf([0, 1, 2].map((c) => planeFrom(320, 240, (x, y) => colorAt(x, y)[c])));
}

/**
 * Digits of 28×28, ink 1 on 0, as { planes, labels }: the first of MNIST's test set where `folder` has its files, else written by
 * lanewise's program.
 */
export async function digitSet(folder, count = 1000) {
  const set = folder === undefined ? digits({ count, seed: 1 }) : subset(await testSetOf(folder), 0, count);
  const { rows, labels } = await rowsOf(set);
  return { planes: rows.map((data) => ({ data, width: 28, height: 28 })), labels };
}

/** MNIST's test set by itself: what is asked for as training set is not read. */
async function testSetOf(folder) {
  const file = (name) => readFileSync(join(folder, name));
  const testImages = file("t10k-images-idx3-ubyte.gz");
  const testLabels = file("t10k-labels-idx1-ubyte.gz");
  const files = { trainImages: testImages, trainLabels: testLabels, testImages, testLabels };
  return (await mnist(files)).test;
}

/** A scene of shapes that are easy to make out, 64×64: a disc, a square, a cross and stripes, 0 to 1. */
export const shapes = () =>
  planeFrom(64, 64, (x, y) => {
    if (Math.hypot(x - 16, y - 17) < 10) return 1;
    if (Math.abs(x - 47) < 9 && Math.abs(y - 16) < 9) return 0.75;
    if ((Math.abs(x - 17) < 3 && Math.abs(y - 47) < 11) || (Math.abs(y - 47) < 3 && Math.abs(x - 17) < 11))
      return 0.9;
    if (x > 36 && x < 58 && y > 36 && y < 58) return (x + y) % 8 < 4 ? 1 : 0.2;
    return 0.1;
  });

/** Numbers in [0, 1) that follow from a seed: a linear congruential generator, good enough for pictures. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A "5" written large, ink 1 on 0. */
export async function figureOf(size) {
  const { rows } = await rowsOf(digits({ count: 6, seed: 3, size }));
  return { data: rows[5], width: size, height: size };
}
