// How the pages of docs/api/ read: the plugin's Markdown, less what a signature in TypeScript has said already.
import { IntersectionType, ReflectionType } from "typedoc";
import { MarkdownTheme, MarkdownThemeContext } from "typedoc-plugin-markdown";

class ApiContext extends MarkdownThemeContext {
  constructor(...args) {
    super(...args);
    const { members } = this.partials;
    this.partials = {
      ...this.partials,
      signature: (model, options) => this.signature(model, options),
      accessor: (model, options) => this.signature(model.getSignature, { ...options, accessor: "get" }),
      hierarchy: (model) => this.parents(model),
      // Where a member comes from says nothing of how to use it.
      inheritance: () => "",
      members: (models, options) =>
        options.groupTitle === "References" ? this.references(models) : members(models, options),
    };
  }

  /** The signature, what it does, what is said of its parameters, and what its tags say. */
  signature(model, { hideTitle, multipleSignatures, headingLevel, accessor }) {
    const comment = multipleSignatures ? model.comment : (model.comment ?? model.parent?.comment);
    const said = (options) => (comment ? this.partials.comment(comment, { headingLevel, ...options }) : "");
    const told = (model.parameters ?? []).flatMap(spread).filter(({ comment }) => comment !== undefined);
    return [
      hideTitle ? "" : this.partials.signatureTitle(model, { accessor }),
      said({ showSummary: true, showTags: false }),
      told.length > 0 ? this.partials.parametersTable(told) : "",
      said({ showSummary: false, showTags: true }),
    ]
      .filter((part) => part !== "")
      .join("\n\n");
  }

  /** What a class or interface extends; classes of the engine's own are no part of the API. */
  parents({ types, isTarget }) {
    const isInside = (type) => type.package === "lanewise" && type.reflection === undefined;
    const shown = isTarget ? [] : types.filter((type) => !isInside(type));
    return shown.length === 0
      ? ""
      : `Extends ${shown.map((type) => this.partials.someType(type)).join(", ")}.`;
  }

  /** What the entry has of another, as one list. */
  references(models) {
    return models
      .map((model) => `[${model.name}](${this.urlTo(model.tryGetTargetReflectionDeep())})`)
      .join(", ");
  }
}

/** A parameter with the options that its type spells out, by their path. */
function spread(parameter) {
  const types = parameter.type instanceof IntersectionType ? parameter.type.types : [parameter.type];
  const options = types.flatMap((type) =>
    type instanceof ReflectionType ? (type.declaration.children ?? []) : [],
  );
  return [
    parameter,
    ...options.flatMap((option) => spread({ ...option, name: `${parameter.name}.${option.name}` })),
  ];
}

export class ApiTheme extends MarkdownTheme {
  getRenderContext(page) {
    return new ApiContext(this, page, this.application.options);
  }
}
