// Strict JSON: what one reader would take differently from another is refused.
// No field twice, none unknown, none missing, not deeper than 32.

import { Malformed, fromUtf8 } from "./bytes";

/** The value of UTF-8 JSON in which no object names a field twice; of signed JSON, whole numbers only. */
export function parseJson(bytes: Uint8Array, numbers: "whole" | "any" = "whole"): unknown {
  const text = fromUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed("not JSON");
  }
  checkTokens(text, numbers);
  return value;
}

/** An object that has exactly these fields. */
export function exactly<F extends string>(value: unknown, ...fields: readonly F[]): Record<F, unknown> {
  const object = asObject(value);
  const names = Object.keys(object);
  if (names.length !== fields.length || !fields.every((field) => Object.hasOwn(object, field))) {
    throw new Malformed("other fields");
  }
  return object as Record<F, unknown>;
}

export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed("not an object");
  return value as Record<string, unknown>;
}

export function asText(value: unknown): string {
  if (typeof value !== "string") throw new Malformed("not a text");
  return value;
}

export function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed("not a list");
  return value;
}

export function asBool(value: unknown): boolean {
  if (typeof value !== "boolean") throw new Malformed("not a truth value");
  return value;
}

/** A whole number from 0 to `most`. */
export function asCount(value: unknown, most = U32): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > most || Object.is(value, -0)) {
    throw new Malformed("not a count");
  }
  return value;
}

export function asMillis(value: unknown): number {
  return asCount(value, Number.MAX_SAFE_INTEGER);
}

export function asOneOf<T extends string>(value: unknown, ...texts: readonly T[]): T {
  const found = texts.find((text) => text === value);
  if (found === undefined) throw new Malformed("not one of the known words");
  return found;
}

/** Walks over JSON that is known to be well-formed. */
function checkTokens(text: string, numbers: "whole" | "any"): void {
  const open: (Set<string> | null)[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/gy;
  let field: string | null = null;
  let rest = 0;
  while (rest < text.length) {
    tokens.lastIndex = rest;
    const token = tokens.exec(text)?.[0];
    if (token === undefined) {
      rest += 1;
      continue;
    }
    rest = tokens.lastIndex;
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (token.startsWith('"')) field = token;
    else if (token === ":" && field !== null) name(open.at(-1), field);
    else if (numbers === "whole" && /^-?\d+[.eE]/.test(token)) throw new Malformed("not a whole number");
    if (open.length > DEPTH) throw new Malformed("too deep");
  }
}

function name(fields: Set<string> | null | undefined, token: string): void {
  const field = JSON.parse(token) as string;
  if (fields?.has(field)) throw new Malformed("a field twice");
  fields?.add(field);
}

const DEPTH = 32;
const U32 = 0xffff_ffff;
