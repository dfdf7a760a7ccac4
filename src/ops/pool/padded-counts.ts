import type { Window } from "../shared/window.ts";

/** For every output position the taps that lie inside the padded input: fewer than all only where ceil_mode overhangs. */
export function paddedCounts(window: Window): Float64Array {
  let counts = Float64Array.of(1);
  window.outputs.forEach((outputs, axis) => {
    const [kernel, stride, dilation] = [
      window.kernelShape[axis],
      window.strides[axis],
      window.dilations[axis],
    ] as [number, number, number];
    const size =
      (window.inputs[axis] as number) + (window.padsBegin[axis] as number) + (window.padsEnd[axis] as number);
    const next = new Float64Array(counts.length * outputs);
    for (let i = 0; i < next.length; i++) {
      const inside = Math.min(kernel, Math.ceil((size - (i % outputs) * stride) / dilation));
      next[i] = (counts[Math.floor(i / outputs)] as number) * inside;
    }
    counts = next;
  });
  return counts;
}
