// Meta Pseudo Labels (Pham et al. 2020, arXiv:2003.10580): a teacher that learns from what becomes of its student.
import { Tensor } from "lanewise";
import { adam, compile, softCrossEntropy } from "lanewise/train";
import { randomFrom } from "./pictures.mjs";

const [BATCH, PACE] = [32, { stepsPerEpoch: 1, epochs: 1 }];

/** The greatest that the student's gain may weigh against the labels. */
const MOST = 0.5;

/**
 * The student learns the teacher's labels for pictures without any. By as much as this makes the student better on those that have
 * labels, the teacher is drawn to what it said, or pushed from it where the student became worse; the labels it learns all the time.
 * Pictures are rows; `labels` are those of `few`. Gives the student.
 */
export async function metaPseudoLabels({ teacher, student, few, labels, many, dims, classes, steps, seed }) {
  const setup = (learningRate) => ({ optimizer: adam({ learningRate }), loss: softCrossEntropy(), seed });
  const [master, pupil] = [await compile(teacher, setup(0.0005)), await compile(student, setup(0.002))];
  const draw = randomFrom(seed);
  const pictures = (rows) => new Tensor("float32", Float32Array.from(joined(rows)), [rows.length, ...dims]);
  const shares = (rows) => new Tensor("float32", Float32Array.from(joined(rows)), [rows.length, classes]);
  const oneHot = (label, size = 1) => Array.from({ length: classes }, (_, c) => (c === label ? size : 0));
  const known = { x: pictures(few), labels: shares(labels.map((label) => oneHot(label))) };
  const lossOnKnown = () => crossEntropy(pupil.predict(known.x).data, labels, classes);
  let before = lossOnKnown();
  for (let step = 0; step < steps; step++) {
    const rows = Array.from({ length: BATCH }, () => many[Math.floor(draw() * many.length)]);
    const said = greatest(master.predict(pictures(rows)).data, classes);
    pupil.trainStep({ x: pictures(rows), labels: shares(said.map((label) => oneHot(label))) }, PACE);
    const after = lossOnKnown();
    const gain = Math.max(-MOST, Math.min(MOST, before - after));
    before = after;
    const all = [...rows, ...few];
    const targets = [...said.map((label) => oneHot(label, gain)), ...labels.map((label) => oneHot(label))];
    master.trainStep({ x: pictures(all), labels: shares(targets) }, PACE);
  }
  const learnt = pupil.network();
  for (const trainer of [master, pupil]) trainer.release();
  return learnt;
}

const joined = (rows) => rows.flatMap((row) => [...row]);

/** The class of the greatest score in each row. */
const greatest = (scores, classes) =>
  Array.from({ length: scores.length / classes }, (_, i) => {
    const own = [...scores.subarray(i * classes, (i + 1) * classes)];
    return own.indexOf(Math.max(...own));
  });

function crossEntropy(scores, labels, classes) {
  const losses = labels.map((label, i) => {
    const own = [...scores.subarray(i * classes, (i + 1) * classes)];
    const most = Math.max(...own);
    return most + Math.log(own.reduce((sum, score) => sum + Math.exp(score - most), 0)) - own[label];
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
