/** Zeros in place of pixels outside the image, and of an absent bias. Apart from the points, which modules without data use. */
export const ZEROS: usize = memory.data(256, 16);
