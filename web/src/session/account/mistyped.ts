/** A recovery code with a typing mistake in it. */
export class Mistyped extends Error {
  override readonly name = "Mistyped";
}
