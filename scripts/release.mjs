// `npm run release -- --repository URL`: builds lanewise and writes the archive to publish, build/release/lanewise-VERSION.tgz.
// Where the project lives is said in it and not in the checkout: package.json's addresses, and the README's links, which a
// registry shows far from the files that they are about. Nothing is published.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import hostedGit from "hosted-git-info";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The hosts that hosted-git-info knows the addresses of. */
const HOSTS = "GitHub, GitLab, Bitbucket or SourceHut";

/** A Markdown link to a file of the checkout: neither an address nor a place on the same page. */
const FILE_LINK = /\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)/g;

class ReleaseError extends Error {}

/** The manifest with its repository, homepage and bug tracker. */
export function withAddresses(manifest, repository) {
  return {
    ...manifest,
    repository: { type: "git", url: repository.https({ noCommittish: true }) },
    homepage: repository.docs(),
    // SourceHut keeps tickets apart from repositories.
    ...(repository.bugs() && { bugs: { url: repository.bugs() } }),
  };
}

/** The README with links to the repository's files; a link to a file that is not there is an error. */
export function withAbsoluteLinks(text, repository, committish) {
  return text.replace(FILE_LINK, (_, path, fragment = "") => {
    if (!existsSync(join(root, path))) throw new ReleaseError(`README.md links ${path}, which is not there`);
    return `](${repository.browseFile(path, { committish })}${fragment})`;
  });
}

/** The repository at an address; throws where it is none of a host whose addresses are known. */
export function repositoryAt(url) {
  if (url === undefined) throw new ReleaseError("say where the project lives: --repository URL");
  const repository = hostedGit.fromUrl(url);
  if (repository === undefined || repository.type === "gist")
    throw new ReleaseError(`--repository ${url}: expected the address of a repository at ${HOSTS}`);
  return repository;
}

/** Throws unless the changelog has the day of this version's release. */
export function checkChangelog(text, version) {
  const heading = text.split("\n").find((line) => line.startsWith(`## ${version} `));
  if (heading === undefined)
    throw new ReleaseError(`CHANGELOG.md has no heading "## ${version} (YYYY-MM-DD)"`);
  if (!/ \(\d{4}-\d\d-\d\d\)$/.test(heading))
    throw new ReleaseError(`CHANGELOG.md says "${heading}": expected "## ${version} (YYYY-MM-DD)"`);
}

/** Packs a folder into another, without its scripts; gives the archive's path. */
function pack(folder, to) {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", to];
  const printed = execFileSync("npm", args, { cwd: folder, encoding: "utf8" });
  return join(to, printed.trim().split("\n").at(-1));
}

async function release() {
  const { values } = parseArgs({
    options: { repository: { type: "string" }, "no-build": { type: "boolean" } },
  });
  const repository = repositoryAt(values.repository);
  const read = (name) => readFileSync(join(root, name), "utf8");
  const manifest = JSON.parse(read("package.json"));
  checkChangelog(read("CHANGELOG.md"), manifest.version);
  if (!values["no-build"]) {
    const { buildDist } = await import("./build.mjs");
    await buildDist();
  }
  const to = join(root, "build/release");
  const staged = join(to, "package");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true });
  // What package.json leaves out, `!docs/course`, npm leaves out of the staged package too.
  const named = manifest.files.filter((name) => !name.startsWith("!"));
  for (const name of ["LICENSE", ...named]) cpSync(join(root, name), join(staged, name), { recursive: true });
  writeFileSync(
    join(staged, "README.md"),
    withAbsoluteLinks(read("README.md"), repository, `v${manifest.version}`),
  );
  const addressed = withAddresses(manifest, repository);
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(addressed, undefined, 2)}\n`);
  console.log(`${pack(staged, to)}\nPublish it with npm publish, from a checkout of v${manifest.version}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await release();
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
