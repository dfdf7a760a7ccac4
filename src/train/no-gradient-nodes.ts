/** `#gradient-nodes` of browser entries other than lanewise/train. */
export const gradientNodes = undefined;
