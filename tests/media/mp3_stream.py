"""Layer III taken apart by the letter, for checks that decoders are too kind to make.

Sources: ISO/IEC 11172-3 (2.4.1, 2.4.2) and 13818-3 for frames; the Xing header and LAME's extension of it as written by LAME's VbrTag.c.
"""

import dataclasses
import pathlib

BITRATES = {  # kbit/s by index 1 to 14
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by the header's version bits
DECODER_DELAY = 529  # samples that the hybrid filter bank of every Layer III decoder adds


class Broken(Exception):
    """What cannot even be read as a stream of frames."""


@dataclasses.dataclass(frozen=True)
class Header:
    version: int  # 1, or 2 for MPEG-2 and 2.5: half the granules, other bit rates
    sample_rate: int
    kbits: int
    padding: int
    mono: bool
    protected: bool
    constant: bytes  # what may not change from frame to frame: all but bit rate, padding and stereo mode extension

    @property
    def samples(self):
        return 1152 if self.version == 1 else 576

    @property
    def size(self):
        return self.samples // 8 * 1000 * self.kbits // self.sample_rate + self.padding

    @property
    def side_info_at(self):
        return 6 if self.protected else 4

    @property
    def side_info_size(self):
        return {(1, True): 17, (1, False): 32, (2, True): 9, (2, False): 17}[self.version, self.mono]


def parse_header(data, at):
    word = data[at:at + 4]
    if len(word) < 4 or word[0] != 0xFF or word[1] & 0xE0 != 0xE0:
        raise Broken(f"no frame at byte {at}: {word.hex()}")
    version_bits, layer, bitrate, rate = word[1] >> 3 & 3, word[1] >> 1 & 3, word[2] >> 4, word[2] >> 2 & 3
    if version_bits == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        raise Broken(f"reserved or foreign values in the frame header at byte {at}: {word.hex()}")
    version = 1 if version_bits == 3 else 2
    return Header(version, SAMPLE_RATES[version_bits][rate], BITRATES[version][bitrate - 1], word[2] >> 1 & 1, word[3] >> 6 == 3,
                  not word[1] & 1, bytes((word[1], word[2] & 0x0D, word[3] & 0xCF)))


@dataclasses.dataclass(frozen=True)
class Frame:
    at: int
    header: Header
    main_data_begin: int
    main_data_bits: int
    part_problems: tuple[str, ...]
    content: bytes  # what a decoder makes sound of, wherever in the reservoir it lies: equal contents sound equal


@dataclasses.dataclass
class InfoFrame:
    """The first frame when it holds no sound but a Xing header, with LAME's extension."""

    kind: bytes
    frames: int
    size: int
    toc: bytes
    encoder: bytes
    delay: int
    padding: int
    music_length: int
    music_crc: int
    tag_crc: int
    tag_crc_at: int


class BitReader:
    def __init__(self, data):
        self.value, self.left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, bits):
        self.left -= bits
        return self.value >> self.left & (1 << bits) - 1


def read_side_info(header, side_info):
    """(main_data_begin, bits of main data, problems)"""
    reader = BitReader(side_info)
    channels = 1 if header.mono else 2
    begin = reader.take(9 if header.version == 1 else 8)
    reader.take({(1, 1): 5, (1, 2): 3, (2, 1): 1, (2, 2): 2}[header.version, channels])
    if header.version == 1:
        reader.take(4 * channels)
    bits, problems = 0, []
    for _ in range(channels * (2 if header.version == 1 else 1)):
        bits += reader.take(12)
        big_values = reader.take(9)
        reader.take(8 + (4 if header.version == 1 else 9))
        switched = reader.take(1)
        if switched:
            block_type, _, tables = reader.take(2), reader.take(1), [reader.take(5) for _ in range(2)]
            reader.take(9)
            if block_type == 0:
                problems.append("a switched window of the type of those that are not")
        else:
            tables = [reader.take(5) for _ in range(3)]
            reader.take(7)
        reader.take(3 if header.version == 1 else 2)
        if big_values > 288:
            problems.append(f"{big_values} big values")
        if {4, 14} & set(tables):
            problems.append("a Huffman table that does not exist")
    return begin, bits, tuple(problems)


def parse_info(data, header):
    """The Xing header in the file's first frame, or None when that frame is sound."""
    at = header.side_info_at + header.side_info_size
    if data[at:at + 4] not in (b"Xing", b"Info"):
        return None
    number = lambda start, size: int.from_bytes(data[start:start + size], "big")
    if number(at + 4, 4) != 15:
        raise Broken("the Xing header lacks one of frame count, byte count, table of contents, quality")
    lame = at + 120
    return InfoFrame(
        kind=data[at:at + 4], frames=number(at + 8, 4), size=number(at + 12, 4), toc=data[at + 16:at + 116], encoder=data[lame:lame + 9],
        delay=number(lame + 21, 3) >> 12, padding=number(lame + 21, 3) & 0xFFF, music_length=number(lame + 28, 4),
        music_crc=number(lame + 32, 2), tag_crc=number(lame + 34, 2), tag_crc_at=lame + 34)


def make_crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = make_crc_table()


def crc16(data):
    """CRC-16/ARC, which LAME's extension uses: polynomial 0x8005 reflected, from 0."""
    crc = 0
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc


class Mp3Stream:
    """All frames of a file. Raises Broken when there is anything but frames between the tags in front and behind."""

    def __init__(self, path):
        whole = pathlib.Path(path).read_bytes()
        begin, end = 0, len(whole)
        if whole[:3] == b"ID3":
            begin = 10 + sum(byte << shift for byte, shift in zip(whole[6:10], (21, 14, 7, 0)))
        if whole[-128:-125] == b"TAG":
            end -= 128
        self.data = data = whole[begin:end]
        self.first_header = parse_header(data, 0)
        self.info = parse_info(data, self.first_header)
        self.audio_at = self.first_header.size if self.info else 0
        self.frames = []
        self.reservoir_problems = []
        self._read_frames()

    def _read_frames(self):
        data, at = self.data, self.audio_at
        main_data, last_used_bit = bytearray(), 0
        while at < len(data):
            header = parse_header(data, at)
            if at + header.size > len(data):
                raise Broken(f"the last frame lacks {at + header.size - len(data)} bytes")
            side_at = at + header.side_info_at
            side_info = data[side_at:side_at + header.side_info_size]
            begin, bits, problems = read_side_info(header, side_info)
            start = len(main_data) - begin
            main_data += data[side_at + header.side_info_size:at + header.size]
            name = f"frame {len(self.frames)}"
            if start < 0:
                self.reservoir_problems.append(f"{name}: main data begins {-start} bytes before the stream")
            elif 8 * start < last_used_bit:
                self.reservoir_problems.append(f"{name}: main data begins inside that of the frame before")
            if 8 * start + bits > 8 * len(main_data):
                self.reservoir_problems.append(f"{name}: main data ends {start + bits / 8 - len(main_data):.1f} bytes behind the frame")
            last_used_bit = 8 * start + bits
            self.frames.append(Frame(at, header, begin, bits, problems, self._content(header, side_info, main_data, max(start, 0), bits)))
            at += header.size
        if not self.frames:
            raise Broken("not a single frame of sound")

    @staticmethod
    def _content(header, side_info, main_data, start, bits):
        begin_bits = 9 if header.version == 1 else 8
        side = int.from_bytes(side_info, "big") & (1 << 8 * len(side_info) - begin_bits) - 1
        sound = int.from_bytes(main_data[start:start + (bits + 7) // 8], "big") >> -bits % 8
        return header.constant + side.to_bytes(len(side_info), "big") + sound.to_bytes((bits + 7) // 8, "big")

    @property
    def samples(self):
        """A channel, without the encoder's delay and padding when the file tells them."""
        total = len(self.frames) * self.first_header.samples
        return total - self.info.delay - self.info.padding if self.info else total

    def problems(self, samples=None):
        """Everything that is not by the letter, in words; none for a good file. `samples`: a channel, when known."""
        found = self._frame_problems() + self.reservoir_problems
        if self.info is None:
            return [*found, "no Xing header"]
        found += self._info_problems()
        if samples is not None and self.samples != samples:
            found.append(f"{self.samples} samples by frames, delay and padding, not {samples}")
        return found

    def _frame_problems(self):
        found = []
        if self.frames[0].header.constant[:2] != self.first_header.constant[:2]:
            found.append("the Xing header's frame is of another version or sample rate than the rest")
        for number, frame in enumerate(self.frames):
            found += [f"frame {number}: {problem}" for problem in frame.part_problems]
            if frame.header.constant != self.frames[0].header.constant:
                found.append(f"frame {number}: another rate, mode or flags than the first")
        if self._is_constant():
            size = self.first_header.samples / 8 * 1000 * self.frames[0].header.kbits / self.first_header.sample_rate
            for number, frame in enumerate(self.frames):
                drift = frame.at - self.audio_at - number * size
                if abs(drift) > 1:
                    found.append(f"frame {number}: {drift:+.2f} bytes from where constant padding puts it")
                    break
        return found

    def _is_constant(self):
        return len({frame.header.kbits for frame in self.frames}) == 1

    def _info_problems(self):
        info, found = self.info, []

        def expect(what, is_there, should_be):
            if is_there != should_be:
                found.append(f"Xing header: {what} is {is_there}, not {should_be}")

        expect("the frame count", info.frames, len(self.frames))
        expect("the byte count", info.size, len(self.data))
        if not self._is_constant():
            expect("the kind", info.kind, b"Xing")
        found += self._toc_problems()
        if not info.encoder.startswith((b"LAME", b"Lavc", b"Lavf")):
            return [*found, "Xing header: without LAME's extension"]
        expect("the music length", info.music_length, len(self.data))
        expect("the music CRC", info.music_crc, crc16(self.data[self.audio_at:]))
        expect("the tag CRC", info.tag_crc, crc16(self.data[:info.tag_crc_at]))
        expect("the encoder delay", info.delay, 576)
        if info.padding < DECODER_DELAY:
            found.append(f"Xing header: {info.padding} samples of padding, so a decoder lacks the last {DECODER_DELAY - info.padding}")
        return found

    def _toc_problems(self):
        toc, found = self.info.toc, []
        if list(toc) != sorted(toc):
            found.append("Xing header: the table of contents goes backwards")
        # An entry has 1/256 of the file as its unit, and encoders note positions every few frames only.
        tolerance = 2 / 256 + 8 / len(self.frames)
        for percent, entry in enumerate(toc):
            there = self.frames[percent * len(self.frames) // 100].at / len(self.data)
            if abs(entry / 256 - there) > tolerance:
                found.append(f"Xing header: {percent} % of the time is at {there:.1%} of the bytes, the table of contents says {entry / 256:.1%}")
                break
        return found


def differing_frames(one, other):
    """Numbers of the frames that do not sound the same by their content; the frames that only one stream has count too."""
    shared = min(len(one.frames), len(other.frames))
    different = [number for number in range(shared) if one.frames[number].content != other.frames[number].content]
    return different + list(range(shared, max(len(one.frames), len(other.frames))))
