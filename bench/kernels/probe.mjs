// What this core can do at most in this build: twelve independent multiply-add chains in registers.

const STEPS = 200_000;
const CHAINS = 12;
const names = Array.from({ length: CHAINS }, (_, i) => `acc${i}`);

const source = (relaxed) => `
function chains(steps: i32): v128 {
  const x = f32x4.splat(1.0001);
  const y = f32x4.splat(0.5);
  ${names.map((name) => `let ${name} = f32x4.splat(0);`).join("\n  ")}
  while (steps > 0) {
    ${names.map((name) => `${name} = ${relaxed ? `f32x4.relaxed_madd(x, y, ${name})` : `f32x4.add(${name}, f32x4.mul(x, y))`};`).join("\n    ")}
    steps--;
  }
  return ${names.reduce((sum, name) => `f32x4.add(${sum}, ${name})`)};
}
export function run(steps: i32): f32 {
  return f32x4.extract_lane(chains(steps), 0);
}
`;

/** The WebAssembly of the loop, for the build "plain" or "relaxed". */
export async function compileProbe(build) {
  const relaxed = build === "relaxed";
  const { default: asc } = await import("assemblyscript/asc");
  const { binary, error, stderr } = await asc.compileString(source(relaxed), {
    optimizeLevel: 2,
    runtime: "stub",
    enable: relaxed ? ["simd", "relaxed-simd"] : ["simd"],
  });
  if (error) throw new Error(stderr.toString());
  return binary;
}

/** A function that gives the GFLOP/s of the loop: the best of a few tries, a third of a millisecond each. */
export async function startProbe(binary) {
  const { instance } = await WebAssembly.instantiate(binary, { env: { abort: () => {} } });
  const once = () => {
    const start = performance.now();
    instance.exports.run(STEPS);
    return performance.now() - start;
  };
  for (let i = 0; i < 20; i++) once();
  return (tries = 3) => (STEPS * CHAINS * 8) / Math.min(...Array.from({ length: tries }, once)) / 1e6;
}
