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
  dims0: i32;
  dims1: i32;
  dims2: i32;
  dims3: i32;
  dims4: i32;
  dims5: i32;
  aStrides0: i32;
  aStrides1: i32;
  aStrides2: i32;
  aStrides3: i32;
  aStrides4: i32;
  aStrides5: i32;
  bStrides0: i32;
  bStrides1: i32;
  bStrides2: i32;
  bStrides3: i32;
  bStrides4: i32;
  bStrides5: i32;
  yStrides0: i32;
  yStrides1: i32;
  yStrides2: i32;
  yStrides3: i32;
  yStrides4: i32;
  yStrides5: i32;
}
