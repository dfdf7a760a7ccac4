/** An element of an XML text. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What stands in it directly. */
  readonly text: string;
}

const TOKEN = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
/** XML 1.0's characters, https://www.w3.org/TR/xml/#charsets. */
const CHARACTERS = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/**
 * The elements of an XML text of one root, without declaration, comments and CDATA, in the order in which they end; throws
 * what is not well-formed.
 */
export function elementsOf(xml: string): readonly Element[] {
  if (!CHARACTERS.test(xml)) throw new Error("there are characters that XML does not have");
  const open: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const ended: Element[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < xml.length; at = TOKEN.lastIndex) {
    const [, closes, name = "", attributes = "", empty, text] = TOKEN.exec(xml) ?? [];
    const place = `at ${at}: ${xml.slice(at, at + 40)}`;
    if (TOKEN.lastIndex === 0) throw new Error(`no tag ${place}`);
    const around = open.at(-1);
    if (text !== undefined) {
      if (around === undefined && text.trim() !== "") throw new Error(`text outside the root ${place}`);
      if (around !== undefined) around.text += decoded(text);
    } else if (closes === "/") {
      if (around?.name !== name) throw new Error(`</${name}> ends ${around?.name ?? "nothing"} ${place}`);
      ended.push(open.pop() as Element);
    } else {
      if (around === undefined && ended.length > 0) throw new Error(`a second root ${place}`);
      const pairs = [...attributes.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(
        ([, key, value]) => [key as string, decoded(value as string)] as const,
      );
      const element = { name, attributes: Object.fromEntries(pairs), text: "" };
      if (Object.keys(element.attributes).length < pairs.length)
        throw new Error(`an attribute twice ${place}`);
      if (empty === "/") ended.push(element);
      else open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`${open.map(({ name }) => name)} do not end`);
  return ended;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replace(/&([^;]{0,8});?/g, (whole, name: string) => {
    const character = whole.endsWith(";") ? ENTITIES[name] : undefined;
    if (character === undefined) throw new Error(`no entity: ${whole}`);
    return character;
  });
