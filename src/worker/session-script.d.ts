/** The script of a session's worker for Node, compressed by brotli, in base64; scripts/build.mjs writes it. */
declare const packedScript: string;
export default packedScript;
