/** The server told of another key than the one whose words were shown. */
export class Swapped extends Error {
  override readonly name = "Swapped";
}
