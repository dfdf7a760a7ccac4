// What this core can do at most in this build: twelve independent multiply-add chains in registers.
import asc from "assemblyscript/asc";

const names = Array.from({ length: 12 }, (_, i) => `acc${i}`);

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

/** A function that returns the GFLOP/s of the register-only loop. */
export async function probe(build) {
  const relaxed = build === "relaxed";
  const enable = relaxed ? ["simd", "relaxed-simd"] : ["simd"];
  const text = source(relaxed);
  const { binary, error, stderr } = await asc.compileString(text, {
    optimizeLevel: 2,
    runtime: "stub",
    enable,
  });
  if (error) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(binary, { env: { abort: () => {} } });
  const steps = 200_000;
  return () => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 12; i++) {
      const start = performance.now();
      instance.exports.run(steps);
      best = Math.min(best, performance.now() - start);
    }
    return (steps * names.length * 8) / best / 1e6;
  };
}
