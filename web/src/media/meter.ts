// How loud a microphone is, for meters and for noticing that somebody talks
// while muted.

/** Tells the loudness of a track, 0 to 1, until the returned function is called. */
export function meter(track: MediaStreamTrack, tell: (level: number) => void): () => void {
  if (typeof AudioContext === "undefined") return () => undefined;
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // Ears hear in decibels: -60 dB is silence, -12 dB is loud.
    const decibels = 10 * Math.log10(power + 1e-12);
    tell(Math.min(1, Math.max(0, (decibels + 60) / 48)));
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    context.close().catch(() => undefined);
  };
}

const LOOK_MS = 80;
