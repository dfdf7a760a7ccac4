// A picture's way through a sensor array, and through cones and rods (lecture A, "Image Formation").
//
// A sensor measures one colour a place: under Bayer's filter every second place green, every fourth red or blue. What is missing is
// filled in by convolutions with small bells. The eye has some twenty rods, which see light alone, for each cone: with light from
// every place and colour from every sixty-fourth a picture is nearly the same; the other way round it is a blur.
//
//   node examples/course/sensor-array.mjs [--out FOLDER] [--json] [--answer N]
import { crop, resize } from "lanewise/vision";
import { experiment } from "./shared/experiment.mjs";
import { correlate } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { scene } from "./shared/pictures.mjs";
import { channelsOf, lumaOf, mapped, pictureOf, planeFrom, planeOfRows, sumOf } from "./shared/planes.mjs";

/** Which colour a place measures: R G over G B. */
const colourAt = (x, y) => (y % 2 === 0 ? (x % 2 === 0 ? 0 : 1) : x % 2 === 0 ? 1 : 2);
const quarter = (rows) => mapped(planeOfRows(rows), (value) => value / 4);
/** What fills the places between: means of two or four neighbours. */
const BELLS = {
  sparse: quarter([
    [1, 2, 1],
    [2, 4, 2],
    [1, 2, 1],
  ]),
  dense: quarter([
    [0, 1, 0],
    [1, 4, 1],
    [0, 1, 0],
  ]),
};

/** What the sensor measures of a picture's colours: each plane with zeros where another colour is measured. */
const mosaicOf = (planes) =>
  planes.map((plane, c) =>
    mapped(plane, (value, i) => (colourAt(i % plane.width, Math.floor(i / plane.width)) === c ? value : 0)),
  );

/** The mosaic's holes filled. */
async function demosaic(mosaic) {
  const filled = await Promise.all(
    mosaic.map(
      async (plane, c) =>
        (await correlate(plane, [c === 1 ? BELLS.dense : BELLS.sparse], { padding: "same" }))[0],
    ),
  );
  return filled.map((plane) => mapped(plane, (value) => Math.min(1, Math.max(0, value))));
}

/** Every `step`th place of each row and column only, stretched again. */
const coarse = (picture, step) => {
  const { width, height } = picture;
  const small = resize(picture, Math.round(width / step), Math.round(height / step));
  return resize(small, width, height);
};

/** The light of one picture with the colours (how far each channel is from the light) of another. */
function lightAndColour(light, colour) {
  const [luma, other] = [lumaOf(light), lumaOf(colour)];
  return pictureOf(
    channelsOf(colour).map((plane) =>
      mapped(plane, (value, i) => Math.min(1, Math.max(0, value - other.data[i] + luma.data[i]))),
    ),
  );
}

/** Peak signal-to-noise ratio in decibels over the colours of two pictures, without a frame of two pixels. */
function psnr(a, b) {
  const [inA, inB] = [a, b].map((picture) =>
    channelsOf(crop(picture, 2, 2, picture.width - 4, picture.height - 4)),
  );
  const squares = inA.map((plane, c) => sumOf(mapped(plane, (value, i) => (value - inB[c].data[i]) ** 2)));
  return -10 * Math.log10(squares.reduce((sum, square) => sum + square, 0) / (3 * inA[0].data.length));
}

await experiment({
  title: "Sensors, cones and rods",
  lecture: "A: Image Formation",
  async run(lab) {
    const picture = scene();
    const mosaic = mosaicOf(channelsOf(picture));
    const filled = pictureOf(await demosaic(mosaic));
    const blurred = coarse(picture, 8);
    const colourCoarse = lightAndColour(picture, blurred);
    const lightCoarse = lightAndColour(blurred, picture);
    const measured = planeFrom(picture.width, picture.height, colourAt).data;
    ["red", "green", "blue"].forEach((name, c) => {
      lab.figure(
        name,
        measured.filter((value) => value === c).length / measured.length,
        `of the places measure ${name}`,
      );
    });
    lab.figure("mosaic", psnr(filled, picture), "dB: the picture filled in from the mosaic");
    lab.figure(
      "coarseColour",
      psnr(colourCoarse, picture),
      "dB: light from every place, colour from every 64th",
    );
    lab.figure(
      "coarseLight",
      psnr(lightCoarse, picture),
      "dB: colour from every place, light from every 64th",
    );
    const [part, lamp] = [(from) => crop(from, 170, 30, 120, 90), (from) => crop(from, 204, 40, 56, 42)];
    lab.drawing(
      "sensor-array",
      panels(
        [
          { caption: "a part of the scene", picture: part(picture) },
          {
            caption: "what the sensor measures",
            picture: lamp(pictureOf(mosaic)),
            note: "a part: red, green, blue",
          },
          { caption: "filled in", picture: lamp(filled), note: "by 3×3 convolutions" },
          {
            caption: "colour from every 64th place",
            picture: part(colourCoarse),
            note: "its shapes stay",
          },
          {
            caption: "light from every 64th place",
            picture: part(lightCoarse),
            note: "shapes are in the light",
          },
          { caption: "the lamp as it is", picture: lamp(picture) },
        ],
        { columns: 3, width: 240 },
      ),
    );
  },
  exercise: {
    question:
      "A sensor of 12 million places under Bayer's filter: how many million numbers of the finished picture were measured?",
    answer: 12,
    why: "One number a place; the picture has 36 million. Two of three numbers of every photograph are made up by a convolution.",
    hint: "How many colours does one place measure?",
  },
});
