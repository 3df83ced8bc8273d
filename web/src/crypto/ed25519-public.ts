// The public key of an Ed25519 seed (RFC 8032, 5.1.5), for browsers that do not
// tell it of a key that was imported. Not in constant time: it runs in the
// vault's thread, where nobody else measures.

import { type Bytes, concat } from "./bytes";
import { D, FIELD, modulo, number, power } from "./ed25519-field";

/** A point in extended coordinates. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

export async function publicKeyOf(seed: Bytes): Promise<Bytes> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", concat(seed)));
  const low = hash.slice(0, 32);
  low[0] = (low[0] ?? 0) & 248;
  low[31] = ((low[31] ?? 0) & 127) | 64;
  let sum: Point = { x: 0n, y: 1n, z: 1n, t: 0n };
  for (let scalar = number(low), double = BASE; scalar > 0n; scalar >>= 1n) {
    if (scalar & 1n) sum = add(sum, double);
    double = add(double, double);
  }
  return encode(sum);
}

/** Complete, so that it doubles too (RFC 8032, 5.1.4). */
function add(p: Point, q: Point): Point {
  const a = modulo((p.y - p.x) * (q.y - q.x));
  const b = modulo((p.y + p.x) * (q.y + q.x));
  const c = modulo(2n * D * modulo(p.t * q.t));
  const d = modulo(2n * p.z * q.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: modulo(e * f), y: modulo(g * h), z: modulo(f * g), t: modulo(e * h) };
}

function encode({ x, y, z }: Point): Bytes {
  const inverse = power(z, FIELD - 2n);
  const written = modulo(y * inverse) | ((modulo(x * inverse) & 1n) << 255n);
  return Uint8Array.from({ length: 32 }, (_, i) => Number((written >> BigInt(8 * i)) & 255n));
}

const BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n;
const BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960n;
const BASE: Point = { x: BASE_X, y: BASE_Y, z: 1n, t: modulo(BASE_X * BASE_Y) };
