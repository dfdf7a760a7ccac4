/** Bytes of scratch `f32_conv` may use: the taps of a block of output rows gathered side by side. */
export function convScratchBytes(taps: number, groupChannels: number): number {
  return 4 * (taps * groupChannels + 8) * 128 + 4096;
}
