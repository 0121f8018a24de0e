// The picture of a result's sound, drawn from peaks that the server made, and the sound itself.
import type { Peaks } from "./api";

const height = 80;
// Seen on light and dark grounds alike.
const waveColor = "#738a8c";
const progressColor = "#1f8a8a";

/** The highest and the lowest sample of each pixel as wavesurfer.js takes them: what it draws above and below the middle, 0 to 1. */
function halvesOf({ data, bits }: Peaks): [Float32Array, Float32Array] {
  const full = 2 ** (bits - 1);
  const pixels = data.length / 2;
  const above = new Float32Array(pixels);
  const below = new Float32Array(pixels);
  for (let pixel = 0; pixel < pixels; ++pixel) {
    below[pixel] = Math.max(0, -(data[2 * pixel] ?? 0) / full);
    above[pixel] = Math.max(0, (data[2 * pixel + 1] ?? 0) / full);
  }
  return [above, below];
}

/** Draws into `host`, follows what `audio` plays, and lets it be sought with a pointer. Returns what takes it all away. */
export async function drawWaveform(host: HTMLElement, audio: HTMLAudioElement, peaks: Peaks): Promise<() => void> {
  const { makeWaveSurfer } = await import("./wavesurfer");
  const drawn = makeWaveSurfer({
    container: host, media: audio, url: audio.src, height, waveColor, progressColor, hideScrollbar: true,
    peaks: halvesOf(peaks), duration: (peaks.length * peaks.samples_per_pixel) / peaks.sample_rate,
  });
  return () => drawn.destroy();
}
