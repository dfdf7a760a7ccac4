/** `#narrow` of a bundle that leaves these dtypes out. */
export const NARROW_DTYPES = {};
