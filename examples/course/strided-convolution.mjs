// A strided convolution is a convolution with down-sampling behind it (lecture A, "Down-sampling VS Strided Convolution").
//
// Taking every second row and column of what a convolution gives is the same as letting its window step by two. Only the work
// differs: three of four values need not be computed.
//
//   node examples/course/strided-convolution.mjs [--out FOLDER] [--json] [--answer N]
import { paint, summarizeNetwork } from "lanewise/inspect";
import { sequential, subsample2d } from "lanewise/nn";
import { experiment } from "./shared/experiment.mjs";
import { differenceOfGaussians } from "./shared/filters.mjs";
import { fixedConv2d, outputOf, planesOf, tensorOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { scene, tower } from "./shared/pictures.mjs";
import { farthest, lumaOf } from "./shared/planes.mjs";

const MASK = differenceOfGaussians(9, { center: 1, surround: 2 });

await experiment({
  title: "Strided convolution and down-sampling",
  lecture: "A: Down-sampling VS Strided Convolution",
  async run(lab) {
    const light = lumaOf(tower(scene()));
    const convolution = (stride) => fixedConv2d(MASK.data, { filters: 1, kernelSize: 9, padding: 4, stride });
    const networkOf = (...layers) => sequential({ input: [1, light.height, light.width] }, layers);
    const whole = networkOf(convolution(1));
    const sampled = networkOf(convolution(1), subsample2d({ stride: 2 }));
    const strided = networkOf(convolution(2));
    const x = tensorOf([light]);
    const [all, fewer, stepped] = await Promise.all(
      [whole, sampled, strided].map((network) => outputOf(network, x)),
    );
    lab.figure(
      "difference",
      farthest(fewer.data, stepped.data),
      "how far the two are apart, of light from 0 to 1",
    );
    lab.figure(
      "size",
      stepped.dims.slice(2).join("×"),
      `rows and columns of both; the picture has ${light.height}×${light.width}`,
    );
    const [many, few] = [sampled, strided].map((network) => summarizeNetwork(network).macs);
    lab.figure("work", many / few, "times the work of the strided one, if one convolves first");
    lab.drawing(
      "strided-convolution",
      panels(
        [
          { caption: "the picture", picture: paint(light, { colors: "gray" }) },
          { caption: "convolved", picture: paint(planesOf(all)[0], { colors: "diverging" }) },
          { caption: "… every second place", picture: paint(planesOf(fewer)[0], { colors: "diverging" }) },
          { caption: "convolved at stride 2", picture: paint(planesOf(stepped)[0], { colors: "diverging" }) },
        ],
        { width: 160 },
      ),
    );
  },
  exercise: {
    question: "How many times the work is it to convolve first and then to keep every third row and column?",
    answer: 9,
    why: "One of 3·3 values is kept.",
    hint: "What share of the values is kept?",
  },
});
