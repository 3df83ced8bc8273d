import { Fragment, type ReactNode } from "react";

/**
 * A phrase with names in it. Each name is isolated, so that its direction of
 * writing cannot turn the words around it.
 */
export function Isolate({
  say,
  names,
}: {
  say: (...names: string[]) => string;
  names: readonly ReactNode[];
}) {
  // Stand-ins that no catalogue contains, to find where the phrase puts the names.
  const phrase = say(...names.map((_, i) => String.fromCharCode(FIRST + i)));
  const parts = phrase.split(/([\ue000-\ue0ff])/u);
  return parts.map((part, i) =>
    i % 2 === 0 ? (
      <Fragment key={i}>{part}</Fragment>
    ) : (
      <bdi key={i}>{names[part.charCodeAt(0) - FIRST]}</bdi>
    ),
  );
}

const FIRST = 0xe000;
