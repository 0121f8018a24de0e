/** A WAV file with a tone: 16 bit, mono, 8 kHz. */
export function tone(seconds, hertz = 440) {
  return wave(seconds, (time) => 0.25 * Math.sin(2 * Math.PI * hertz * time));
}

/** The same with `sampleAt(time)`, -1 to 1, for samples. */
export function wave(seconds, sampleAt) {
  const rate = 8000;
  const samples = Math.round(seconds * rate);
  const file = Buffer.alloc(44 + 2 * samples);
  file.write("RIFF", 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; ++i) file.writeInt16LE(Math.round(32_767 * sampleAt(i / rate)), 44 + 2 * i);
  return file;
}
