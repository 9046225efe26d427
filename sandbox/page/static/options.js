/** From the text of a command's options to their values, or the sentence that says what is wrong. Pure. */
import { TYPES, missingOf } from "./slash.js";

const YES = new Set(["true", "yes", "on"]);
const NO = new Set(["false", "no", "off"]);

/**
 * @param {import("./slash.js").Reading} reading
 * @param {{rooms: any[], roles: any[], users: any[], chosen: Record<string, {text: string, value: any}>}} offered
 * @param {{isWhole?: boolean}} [how] `isWhole`: nothing may be missing or wrong
 * @returns {{options: Record<string, any>, problem: string|null}}
 */
export function valuesOf(reading, offered, { isWhole = true } = {}) {
  const options = {};
  let problem = null;
  for (const part of reading.parts) {
    if (part.text === "") continue;
    const value = valueOf(part, offered);
    if (value.problem === undefined) options[part.option.name] = value.value;
    else problem ??= value.problem;
  }
  if (!isWhole) return { options, problem: null };
  if (reading.stray)
    problem ??= `“${reading.stray}” belongs to no option; write the option’s name and a colon before it.`;
  const missing = missingOf(reading)[0];
  if (missing) problem ??= `The option ${missing.name} is required.`;
  return { options, problem };
}

function valueOf({ option, text }, offered) {
  const chosen = offered.chosen[option.name];
  if (chosen?.text === text) return { value: chosen.value };
  if (option.choices?.length) return choiceOf(option, text);
  switch (option.type) {
    case TYPES.integer:
    case TYPES.number:
      return numberOf(option, text);
    case TYPES.boolean:
      return booleanOf(option, text);
    case TYPES.channel:
      return namedOf(option, text, offered.rooms);
    case TYPES.role:
      return namedOf(option, text, offered.roles);
    case TYPES.user:
      return namedOf(option, text, offered.users);
    case TYPES.mentionable:
      return namedOf(option, text, [...offered.users, ...offered.roles]);
    case TYPES.file:
      return { problem: `Choose a file for ${option.name} from its menu.` };
    default:
      return stringOf(option, text);
  }
}

function choiceOf(option, text) {
  const found = option.choices.find(
    (one) => one.name.toLowerCase() === text.toLowerCase() || String(one.value) === text,
  );
  if (found) return { value: found.value };
  return { problem: `${option.name} is one of: ${option.choices.map((one) => one.name).join(", ")}.` };
}

function numberOf(option, text) {
  const value = Number(text);
  const isOne = option.type === TYPES.integer ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isOne)
    return { problem: `${option.name} is a ${option.type === TYPES.integer ? "whole number" : "number"}.` };
  if (value < (option.min_value ?? -Infinity))
    return { problem: `${option.name} is at least ${option.min_value}.` };
  if (value > (option.max_value ?? Infinity))
    return { problem: `${option.name} is at most ${option.max_value}.` };
  return { value };
}

function booleanOf(option, text) {
  const word = text.toLowerCase();
  if (YES.has(word)) return { value: true };
  return NO.has(word) ? { value: false } : { problem: `${option.name} is True or False.` };
}

function namedOf(option, text, list) {
  const name = text.replace(/^[#@]/, "");
  const found = list.find((one) => one.id === name || one.name.toLowerCase() === name.toLowerCase());
  return found ? { value: found.id } : { problem: `There is no ${text} to choose for ${option.name}.` };
}

function stringOf(option, text) {
  if (text.length > (option.max_length ?? Infinity))
    return { problem: `${option.name} has at most ${option.max_length} characters.` };
  if (text.length < (option.min_length ?? 0))
    return { problem: `${option.name} has at least ${option.min_length} characters.` };
  return { value: text };
}
