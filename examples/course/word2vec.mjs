// Words as vectors (lecture B, "ConvNets: Conclusion": word2vec; Mikolov et al. 2013, arXiv:1301.3781, skip-gram).
//
// A word's vector is learnt by guessing the words around it: an embedding, and a dense layer with a score for each word. The
// corpus is written by a program that knows which words go together, and the network does not: kinds of words whose members stand
// in the same sentences, and kings and queens, men and women, who share half of theirs. Words of one kind become neighbours,
// and king − man + woman lands near queen.
//
//   node examples/course/word2vec.mjs [--epochs 12] [--out FOLDER] [--json] [--answer WORD]
import { dense, embedding, flatten, initializers, sequential } from "lanewise/nn";
import { adam, compile, cosine as decay, fromArrays, softmaxCrossEntropy } from "lanewise/train";
import { COLORS, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { cosine } from "./shared/planes.mjs";

const KINDS = {
  animals: ["cat", "dog", "horse", "sheep", "goat"],
  fruits: ["apple", "pear", "plum", "cherry", "grape"],
  cities: ["paris", "rome", "berlin", "madrid", "vienna"],
  colours: ["red", "green", "blue", "yellow", "white"],
};
/** What stands with a word of each kind. */
const VERBS = {
  animals: ["runs", "sleeps", "barks"],
  fruits: ["ripens", "falls", "tastes"],
  cities: ["grows", "lies", "shines"],
  colours: ["fades", "glows", "suits"],
};
/** Rank and sex, each with words of its own. */
const PEOPLE = {
  king: ["throne", "beard"],
  queen: ["throne", "dress"],
  man: ["field", "beard"],
  woman: ["field", "dress"],
};
const SAID_OF = {
  throne: ["throne", "crown", "rules"],
  field: ["field", "plough", "works"],
  beard: ["beard", "he", "his"],
  dress: ["dress", "she", "her"],
};
const WORDS = [
  ...Object.values(KINDS).flat(),
  ...Object.values(VERBS).flat(),
  ...Object.keys(PEOPLE),
  ...Object.values(SAID_OF).flat(),
];
const FEATURES = 12;
const SENTENCES = 3000;

/** Sentences as lists of words, a seed's. */
function corpus(seed) {
  const random = randomFrom(seed);
  const one = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: SENTENCES }, () => {
    if (random() < 0.5) {
      const kind = one(Object.keys(KINDS));
      return [one(KINDS[kind]), one(VERBS[kind]), one(VERBS[kind])];
    }
    const person = one(Object.keys(PEOPLE));
    return [person, ...PEOPLE[person].map((half) => one(SAID_OF[half]))];
  });
}

/** Each word with every other of its sentence: places in WORDS. */
function pairs(sentences) {
  const places = new Map(WORDS.map((word, i) => [word, i]));
  const both = sentences.flatMap((sentence) =>
    sentence.flatMap((word, i) => sentence.filter((_, j) => j !== i).map((other) => [word, other])),
  );
  const [x, y] = [0, 1].map((side) => both.map((pair) => places.get(pair[side])));
  return fromArrays({ x: Float32Array.from(x), y, inputDims: [1], classes: WORDS.length });
}

async function vectors(data, epochs) {
  const skipGram = sequential({ input: [1], seed: 1 }, [
    embedding({
      name: "words",
      entries: WORDS.length,
      features: FEATURES,
      initializer: initializers.glorotUniform(),
    }),
    flatten(),
    dense({ units: WORDS.length, bias: false, weightInitializer: initializers.glorotUniform() }),
  ]);
  const trainer = await compile(skipGram, {
    optimizer: adam({ learningRate: decay({ learningRate: 0.02 }) }),
    loss: softmaxCrossEntropy(),
    seed: 1,
  });
  const history = await trainer.fit(data, { epochs, batchSize: 128 });
  const { data: rows } = trainer.network().graph.facts.get("words.weight").data;
  trainer.release();
  return {
    loss: history.at(-1).training.loss,
    of: new Map(WORDS.map((word, i) => [word, rows.slice(i * FEATURES, (i + 1) * FEATURES)])),
  };
}

/** Words by their likeness to a vector, those left out not among them. */
const nearest = (of, vector, without = []) =>
  [...of.keys()]
    .filter((word) => !without.includes(word))
    .map((word) => ({ word, likeness: cosine(of.get(word), vector) }))
    .toSorted((a, b) => b.likeness - a.likeness);

const kindOf = (word) => Object.keys(KINDS).find((kind) => KINDS[kind].includes(word));

/** a is to b as c is to …: the word nearest to b − a + c. */
function analogy(of, a, b, c) {
  const vector = of.get(b).map((value, i) => value - of.get(a)[i] + of.get(c)[i]);
  return nearest(of, vector, [a, b, c])[0].word;
}

await experiment({
  title: "word2vec: words from their neighbours",
  lecture: "B: ConvNets: Conclusion",
  options: { epochs: { type: "string", default: "12" } },
  async run(lab, { epochs }) {
    const data = pairs(corpus(1));
    const { of, loss } = await vectors(data, Number(epochs));
    const members = Object.values(KINDS).flat();
    const kept = members.map((word) => nearest(of, of.get(word), [word])[0].word);
    const same = members.filter((word, i) => kindOf(kept[i]) === kindOf(word)).length;
    lab.figure("words", WORDS.length, "words");
    lab.figure("pairs", data.length, "pairs of a word and one of its sentence");
    lab.figure("loss", loss, "nats are left of guessing the other word");
    lab.figure("guessing", Math.log(WORDS.length), "nats are what knowing nothing takes");
    lab.figure("sameKind", same / members.length, "of the words have one of their own kind as nearest word");
    lab.figure("chance", (KINDS.animals.length - 1) / (WORDS.length - 1), "is what chance makes of that");
    lab.figure("queen", analogy(of, "man", "king", "woman"), "is nearest to king − man + woman");
    lab.figure("man", analogy(of, "queen", "king", "woman"), "is nearest to king − queen + woman");
    lab.table(
      "neighbours",
      "Nearest words",
      ["cat", "plum", "rome", "blue", "king", "woman"].map((word) => ({
        word,
        nearest: nearest(of, of.get(word), [word])
          .slice(0, 4)
          .map((found) => found.word)
          .join(", "),
      })),
    );
    lab.drawing("word2vec", drawing(of));
  },
  exercise: {
    question: "Which word completes: king is to queen as man is to …?",
    answer: "woman",
    why: "queen − king is what tells she from he, and man + that is woman.",
    hint: "The difference of the first two, added to the third.",
  },
});

/** The vectors along the two directions in which they differ most (by the power method on their covariance). */
function inPlane(rows) {
  const mean = rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  const centred = rows.map((row) => Array.from(row, (value, i) => value - mean[i]));
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const random = randomFrom(7);
  const axes = [];
  for (let axis = 0; axis < 2; axis++) {
    let direction = mean.map(() => random() - 0.5);
    for (let turn = 0; turn < 200; turn++) {
      let next = mean.map((_, i) => centred.reduce((sum, row) => sum + dot(row, direction) * row[i], 0));
      for (const found of axes) next = next.map((value, i) => value - dot(next, found) * found[i]);
      const length = Math.sqrt(dot(next, next));
      direction = next.map((value) => value / length);
    }
    axes.push(direction);
  }
  return centred.map((row) => axes.map((axis) => dot(row, axis)));
}

function drawing(of) {
  const [width, height, margin] = [640, 460, 50];
  const words = [...Object.values(KINDS).flat(), ...Object.keys(PEOPLE)];
  const places = inPlane(words.map((word) => Array.from(of.get(word))));
  const scaled = [0, 1].map((axis) => {
    const values = places.map((place) => place[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const room = (axis === 0 ? width : height) - 2 * margin;
    return (value) => margin + ((value - least) / (most - least)) * room;
  });
  const colorOf = (word) => COLORS[[...Object.keys(KINDS), undefined].indexOf(kindOf(word))];
  return svg(width, height, [
    text(width / 2, 24, "words in the plane in which their vectors differ most", {
      anchor: "middle",
      size: 14,
      bold: true,
    }),
    words.map((word, i) => {
      const [x, y] = places[i].map((value, axis) => scaled[axis](value));
      return [
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colorOf(word)}"/>`,
        text(x + 5, y + 4, word, { color: colorOf(word) }),
      ];
    }),
  ]);
}
