/** Sizes of an image kernel; written by the planner in this order. Strides are in elements per pixel. */
@unmanaged
export class SpatialShape {
  batch: i32;
  inH: i32;
  inW: i32;
  inC: i32;
  inStride: i32;
  outH: i32;
  outW: i32;
  outC: i32;
  outStride: i32;
  kH: i32;
  kW: i32;
  strideH: i32;
  strideW: i32;
  padTop: i32;
  padLeft: i32;
  dilH: i32;
  dilW: i32;
  group: i32;
}

/** Up to six dims with element strides for two sources and one destination; leading dims are 1. */
@unmanaged
export class StridedShape {
  d0: i32;
  d1: i32;
  d2: i32;
  d3: i32;
  d4: i32;
  d5: i32;
  a0: i32;
  a1: i32;
  a2: i32;
  a3: i32;
  a4: i32;
  a5: i32;
  b0: i32;
  b1: i32;
  b2: i32;
  b3: i32;
  b4: i32;
  b5: i32;
  y0: i32;
  y1: i32;
  y2: i32;
  y3: i32;
  y4: i32;
  y5: i32;
}
