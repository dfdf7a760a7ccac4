/** Stands in for narrow.ts where a bundle leaves its dtypes out. */
export const NARROW_DTYPES = {};
