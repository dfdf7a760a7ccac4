// Words that a program speaks, and recordings of them.
import { randomFrom } from "./pictures.mjs";

/** Samples a second. */
export const RATE = 2000;

const tone = (from, to, seconds) => ({ from, to, seconds });
const noise = (seconds) => ({ noise: true, seconds });
const silence = (seconds) => ({ silent: true, seconds });

const [WEL, C, OME] = [tone(180, 420, 0.15), [silence(0.03), noise(0.04)], tone(380, 160, 0.2)];

/** Words as tones that rise or fall, noises and silences. The others are made of what "Welcome" is made of. */
const WORDS = {
  welcome: [WEL, ...C, OME],
  comewel: [...C, OME, WEL],
  wel: [WEL],
  come: [...C, OME],
  welsh: [WEL, noise(0.14)],
  awe: [tone(300, 300, 0.15), OME],
};
const OTHERS = Object.keys(WORDS).filter((word) => word !== "welcome");

/** A word spoken by a voice of its own pitch and pace. */
export function utterance(word, draw) {
  const [pitch, pace, loudness] = [
    between(draw, 0.88, 1.14),
    between(draw, 0.88, 1.14),
    between(draw, 0.6, 1),
  ];
  return Float32Array.from(WORDS[word].flatMap((piece) => samplesOf(piece, pitch, pace, loudness, draw)));
}

/** A sound's samples, which swell and fade. */
function samplesOf({ from, to, seconds, noise: rough, silent }, pitch, pace, loudness, draw) {
  const count = Math.round(seconds * pace * RATE);
  let phase = 0;
  return Array.from({ length: count }, (_, i) => {
    if (silent) return 0;
    const share = i / count;
    const swell = loudness * Math.sin(Math.PI * share) ** 0.5;
    if (rough) return swell * 0.8 * (2 * draw() - 1);
    phase += (2 * Math.PI * pitch * (from + (to - from) * share)) / RATE;
    return swell * (0.7 * Math.sin(phase) + 0.3 * Math.sin(2 * phase));
  });
}

const between = (draw, low, high) => low + (high - low) * draw();

/** Faint noise. */
const room = (length, draw) => Float32Array.from({ length }, () => 0.12 * (2 * draw() - 1));

/** Adds a sound whose middle lies at a sample; what lies beyond the ends is lost. */
function mix(signal, sound, middle) {
  const start = Math.round(middle - sound.length / 2);
  sound.forEach((value, i) => {
    if (start + i >= 0 && start + i < signal.length) signal[start + i] += value;
  });
}

/**
 * A short window under a seed: in one of three "Welcome" stands in its middle, to a 32nd of a second; else another word, "Welcome"
 * far from the middle, or nothing.
 */
export function soundWindow(seed, length) {
  const draw = randomFrom(Math.imul(seed + 1, 0x9e3779b1));
  const x = room(length, draw);
  const middle = length / 2;
  const kind = Math.floor(3 * draw());
  if (kind === 0) mix(x, utterance("welcome", draw), middle + between(draw, -1, 1) * (RATE / 64));
  else if (kind === 1 || draw() < 0.2) {
    mix(x, utterance(OTHERS[Math.floor(OTHERS.length * draw())], draw), between(draw, 0, length));
  } else {
    const away = between(draw, RATE / 10, middle) * (draw() < 0.5 ? -1 : 1);
    mix(x, utterance("welcome", draw), middle + away);
  }
  return { x, y: Number(kind === 0) };
}

/** A recording of so many words, about a second each, one of three "Welcome": its samples, and when the middle of which was said. */
export function recording(seed, words) {
  const draw = randomFrom(Math.imul(seed + 1, 0x85ebca6b));
  const said = [];
  const x = room(words * RATE, draw);
  for (let i = 0; i < words; i++) {
    const word = i % 3 === 1 ? "welcome" : OTHERS[Math.floor(OTHERS.length * draw())];
    const middle = (i + between(draw, 0.4, 0.6)) * RATE;
    mix(x, utterance(word, draw), middle);
    said.push({ word, seconds: middle / RATE });
  }
  return { x, said };
}
