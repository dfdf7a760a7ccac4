// What three lecture courses on convolutional networks show, line by line, each with what shows it here and the tests that make
// it again: docs/lectures.md. `node scripts/lectures.mjs` writes the page's table, --check fails where it is out of date, and
// `node scripts/lectures.mjs RESULTS` fails where one of the tests did not pass.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { prove } from "./proven.mjs";
import { writeGenerated } from "./write-generated.mjs";

const page = fileURLToPath(new URL("../docs/lectures.md", import.meta.url));

/** What shows a line: words for the page, and the tests, each by the beginning of its name. */
const by = (see, ...tests) => ({ see, tests });

/** Scripts of the course; their tests' titles begin with the script's name. */
const course = (...names) =>
  by(
    names.map((name) => `\`node examples/course/${name}.mjs\``).join(", "),
    ...names.map((name) => `course/… > ${name}: `),
  );

/** Networks of the zoo, whose parameters are counted. */
const zoo = (...names) =>
  by(
    `\`lanewise models ${names.join(" ")}\``,
    ...names.map((name) => `models/counts.test.ts > the networks of the zoo > ${name} has its parameters`),
  );

/** Families of the zoo, of which one network runs beside onnxruntime. */
const run = (...families) =>
  by(
    "",
    ...families.map((family) => `models/forward.test.ts > a narrow network of each family > ${family} runs`),
  );

export const LINES = [
  ["A", "Image Formation", "sensor array, cones and rods", course("sensor-array")],
  ["A", "Biological Inspirations", "centre-surround and simple cells", course("cells")],
  ["A", "Sobel filters", "kernels, and the sum of half of each slope", course("sobel")],
  ["A", 'Filter as a "template"', "two patterns, correlation", course("template-matching")],
  ["A", "Gabor filters", "g(x, y; λ, θ, φ, σ, γ), beside first layers", course("gabor")],
  ["A", "Problem with MLP, Solution: Scan!", "a word in a recording, found by scanning", course("welcome")],
  ["A", "CNN: History", "Neocognitron, 1980", course("neocognitron"), zoo("neocognitron")],
  ["A", "CNN: History", "LeNet-5, 1998", course("lenet5"), zoo("lenet5")],
  ["A", "CNN: History", "AlexNet, 2012", zoo("alexnet", "alexnet-2012"), run("alexnet")],
  ["A", "Convolution Kernels", "f ∗ g as defined, and its mirror", course("convolution")],
  ["A", "Convolution Layer", "32×32×3 by six filters to 28×28×6", course("convolution-layer")],
  ["A", "Parameters Settings", "W2, H2, D2 by K, F, S, P", course("convolution-layer")],
  ["A", "Conv VS FC", "locality, shared parameters", course("dense-or-shared", "local-weights")],
  [
    "A",
    "Receptive Field",
    "two 3×3 are one 5×5; deep units see all",
    course("small-filters"),
    by("`lanewise inspect MODEL receptive-field`"),
  ],
  ["A", "Power of Small Filters", "49C² against 27C²", course("small-filters")],
  [
    "A",
    "Feature Visualization",
    "deconvnet with switches",
    course("inside-the-cnn"),
    by("`lanewise inspect MODEL saliency --method deconvnet`"),
  ],
  ["A", "Pooling, Max Pooling", "what small shifts change", course("pooling")],
  ["A", "Down-sampling VS Strided Convolution", "the same", course("strided-convolution")],
  [
    "A",
    "Typical architecture",
    "[(CONV-RELU)^N-POOL?]^M-(FC-RELU)^K-SOFTMAX",
    course("architecture-pattern"),
  ],
  [
    "A",
    "Typical architecture",
    "ResNet, GoogLeNet",
    zoo("resnet50", "googlenet"),
    run("resnet-bottleneck", "googlenet"),
  ],
  ["A", "Deconvolutional Layers", "enlarge, densify", course("unpooling")],
  ["A", "Unpooling Layers", "switches", course("unpooling")],
  ["A", "Semantic Segmentation: U-Net", "U-Net, trained", course("segmentation"), zoo("unet"), run("unet")],
  ["A", "Transfer Learning", "a small dataset: a new head", course("transfer-learning")],
  [
    "A",
    "Transfer Learning",
    "a bigger dataset: more layers, each at its rate",
    course("transfer-learning"),
    by("`lanewise finetune`"),
  ],
  [
    "A",
    "Computer Vision Tasks",
    "classification, localisation, segmentation",
    course("localisation", "segmentation"),
  ],
  ["B", "FC: Limitations", "the number of parameters explodes", course("parameter-explosion")],
  ["B", "FC: Limitations", "a matrix is more than its row: 4×5", course("lost-structure")],
  ["B", "FC: Limitations", "MNIST permuted: the same performance", course("shuffled-pixels")],
  ["B", "FC: Limitations", "shapes from colour; L = (R+B+G)/3", course("shapes-from-colour")],
  ["B", "FC: Limitations", "a shift by 2 pixels changes 154 (77 + 77)", course("two-pixel-shift")],
  [
    "B",
    "Sparse connectivity, Shared Weights",
    "local weights, shared or not",
    course("local-weights", "dense-or-shared"),
  ],
  ["B", "Convolution: Scalar Images", "odd masks, centred", course("convolution")],
  ["B", "2D Convolution vs Cross-Correlation", "a mask of -4 … 4 and its mirror", course("convolution")],
  ["B", "Cross-Correlation: Example", "the output looks like the mask", course("template-matching")],
  ["B", "Gradient Computation", "Mx, My / 4, Ie = Ix² + Iy²", course("sobel")],
  ["B", "Convolution Layer for Tensors", "K maps, bias, colour", course("convolution-layer")],
  ["B", "Pooling Layers: Examples", "max, mean, L2", course("pooling")],
  ["B", "Pooling Layers: Examples", "L2 over features", course("feature-pooling")],
  ["B", "Max Pooling & Translation Invariance", "the 5×5 matrix: 15 stays, then 7", course("pooling")],
  ["B", "Max Pooling & Translation Invariance", "half of the values change", course("pooling")],
  ["B", "ConvNets: Conclusion", "sound, words, sequences", course("welcome", "word2vec")],
  [
    "B",
    "Manifold Untangling",
    "t-SNE and neighbourhood hit of input and latent space",
    course("manifold-untangling"),
  ],
  ["B", "LeNet 5", "parameters of each layer", course("lenet5"), zoo("lenet5-1998")],
  ["B", "C1 Layer", "fully connected: about 5·10⁶", course("dense-or-shared")],
  ["B", "C3 Layer", "the table of connections", course("lenet5")],
  ["B", "MNIST", "0.95 %; 0.8 % with distortions", by("[accuracy.md](accuracy.md): 0.92 %, 0.80 %")],
  [
    "C",
    "applications, publications a year",
    "charts of a field",
    by("nothing to run: a survey of publications"),
  ],
  ["C", "MLP and images", "512×512×3: 6.19·10¹¹ weights", course("parameter-explosion"), zoo("mlp-512")],
  ["C", "MLP and images", "2, 6 and 9, shuffled", course("shuffled-pixels")],
  ["C", "Convolution", "definitions in one and two dimensions", course("convolution")],
  ["C", "Additional Parameters", "padding, stride, dilation, drawn", course("convolution-layer")],
  ["C", "Pooling layer", "order within a cell, pseudo-invariance", course("pooling")],
  [
    "C",
    "Other typical layers",
    "activation, dropout, batch normalisation",
    by("[training.md](training.md)", "nn/"),
  ],
  ["C", "Backpropagation in CNN", "one weight in two places: w - η/2 (…)", course("shared-weights")],
  [
    "C",
    "State of the art (29 rows)",
    "ResNet-50 and -152, DenseNet-264, Inception-v3, Xception, ResNeXt-101, EfficientNet-B7",
    zoo(
      "resnet50",
      "resnet152",
      "densenet264",
      "inception-v3",
      "xception",
      "resnext101-64x4d",
      "efficientnet-b7",
    ),
    run("densenet", "inception-v3", "xception", "resnext", "efficientnet"),
  ],
  [
    "C",
    "State of the art",
    "Inception-v4, Inception-ResNet-v2, SENet",
    zoo("inception-v4", "inception-resnet-v2", "senet154"),
    run("inception-v4", "inception-resnet", "senet"),
  ],
  [
    "C",
    "State of the art",
    "PolyNet, NASNet-A, AmoebaNet-A, PNASNet",
    zoo("polynet", "nasnet-a-large", "amoebanet-a", "pnasnet-5-large"),
    run("polynet", "nasnet", "amoebanet", "pnasnet"),
  ],
  [
    "C",
    "State of the art",
    "AmoebaNet-C + AutoAugment",
    zoo("amoebanet-c"),
    by("[autoAugment](training.md)"),
  ],
  [
    "C",
    "State of the art",
    "GPipe, EfficientNet-L2, the wide ResNeXt-101, BiT-L, ViT-H",
    zoo(
      "amoebanet-b-gpipe",
      "efficientnet-l2",
      "resnext101-32x16d",
      "resnext101-32x48d",
      "bit-r152x4",
      "vit-h-14",
    ),
    run("bit", "vit"),
  ],
  [
    "C",
    "State of the art",
    "FixRes, SSL, WSL, Noisy Student, SAM, Meta Pseudo Labels",
    course("training-methods", "noisy-student", "fixres"),
  ],
  [
    "C",
    "State of the art",
    "ImageNet-ReaL Precision@1",
    by("`precision({ at: 1 })`; the accuracies themselves need ImageNet, which is not here"),
  ],
  ["C", "Examples", "LeNet-5 61,706; AlexNet 61,100,840", zoo("lenet5", "alexnet")],
  ["C", "The deeper, the better?", "error by depth", course("depth")],
  [
    "C",
    "Inside the CNN",
    "filters → images",
    course("inside-the-cnn"),
    by("`lanewise inspect MODEL filters`"),
  ],
  [
    "C",
    "Inside the CNN",
    "distributions of activations",
    course("distributions", "inside-the-cnn"),
    by("`lanewise inspect MODEL histograms`"),
  ],
  [
    "C",
    "Inside the CNN",
    "gradient of the response by the input",
    course("inside-the-cnn"),
    by("`lanewise inspect MODEL saliency`"),
  ],
  [
    "C",
    "Inside the CNN",
    "a synthetic image that maximises a filter",
    course("inside-the-cnn"),
    by("`lanewise inspect MODEL maximise`"),
  ],
  [
    "C",
    "Inside the CNN",
    "Guided Backprop, Grad-CAM",
    course("inside-the-cnn"),
    by("`lanewise inspect MODEL gradcam`"),
  ],
  ["C", "It seems that", "edges → textures → meaning", course("inside-the-cnn")],
];

const cells = ([lecture, slide, what, ...shown]) => [
  lecture,
  slide,
  what,
  shown
    .map(({ see }) => see)
    .filter((see) => see !== "")
    .join(", "),
];

const table = () =>
  [
    "| lecture | slide | what | see it by |",
    "|---|---|---|---|",
    ...LINES.map((line) => `| ${cells(line).join(" | ")} |`),
  ].join("\n");

/** Writes the table between its marks. */
export function generateLectures({ check = false } = {}) {
  const old = readFileSync(page, "utf8");
  const text = old.replace(
    /(<!-- lectures -->\n)[\s\S]*(<!-- \/lectures -->)/,
    (_, begin, end) => `${begin}\n${table()}\n\n${end}`,
  );
  writeGenerated(page, old, text, { check, command: "node scripts/lectures.mjs" });
}

const tests = () => [...new Set(LINES.flatMap(([, , , ...shown]) => shown.flatMap((one) => one.tests)))];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first] = process.argv.slice(2);
  if (first === undefined || first === "--check") generateLectures({ check: first === "--check" });
  else prove("every line of docs/lectures.md", tests(), first);
}
