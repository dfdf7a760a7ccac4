/** A parameter that several applications of a layer read. */
export interface SharedParameter {
  readonly name: string;
  readonly role: string;
  readonly dims: readonly number[];
}

/** What `shared` says while its layer is applied. */
export interface Sharing {
  /** The parameters of the first application, in the order in which it made them. */
  readonly parameters: SharedParameter[];
  /** How many a later application has taken; undefined in the first, which makes them. */
  taken: number | undefined;
}

/** The name of the parameter that an application after the first reads; undefined where one is to be made. */
export function takenParameter(
  sharing: Sharing | undefined,
  role: string,
  dims: readonly number[],
  fail: (message: string) => never,
): string | undefined {
  if (sharing?.taken === undefined) return undefined;
  const parameter = sharing.parameters[sharing.taken++];
  if (parameter?.role !== role) return fail(`the first application of the shared layer made no ${role} here`);
  if (parameter.dims.join() !== dims.join())
    fail(`shares ${parameter.name} [${parameter.dims}], which would have to be [${dims}] here`);
  return parameter.name;
}
