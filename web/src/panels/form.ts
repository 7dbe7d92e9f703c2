// A form of a few fields, as a dialog needs it: made of data, read as text.

import { h } from "../dom";
import { t } from "../i18n";
import type { Field, Values } from "./track/orders";

type Input = HTMLInputElement | HTMLSelectElement;

function input(field: Field): Input {
  if (field.choices) {
    const options = field.choices.map(([value, words]) => h("option", { value, selected: value === field.value }, words));
    return h("select", { name: field.name }, ...options) as HTMLSelectElement;
  }
  const { min, max, step } = field.number ?? {};
  const kind = field.number ? { type: "number", min, max, step: step ?? 1 } : { type: "text", maxlength: field.longest };
  const made = h("input", { name: field.name, required: !field.optional, autocomplete: "off", spellcheck: "false", ...kind }) as HTMLInputElement;
  made.value = field.value ?? "";
  return made;
}

/** The labels of some fields, and how to read what is in them: a function that returns each field's text. */
export function labels(fields: readonly Field[]): { elements: HTMLElement[]; inputs: Input[]; read: () => Values } {
  const inputs = fields.map(input);
  const elements = inputs.map((made, k) => h("label", {}, h("span", {}, t(fields[k]!.label)), made));
  return { elements, inputs, read: () => Object.fromEntries(inputs.map((i) => [i.name, i.value.trim()])) };
}
