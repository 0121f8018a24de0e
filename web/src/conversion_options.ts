// Every option of a conversion that the page offers: a new one is a line here and its words in text.ts.
import type { Range, TargetFormat } from "./api";
import { say, type Text } from "./text";
import { showNumber } from "./units";

export interface Choice {
  value: string;
  text: string;
}

/** With `choices` it is chosen from a list, with `range` it is a number, else it is text. */
export interface ConversionOption {
  /** The API's; a tag to set begins with `tagPrefix`. */
  name: string;
  label: Text;
  help?: Text;
  /** The format's own words. */
  formatHelp?: (format: TargetFormat) => string;
  placeholder?: string;
  /** Of the API's values; null: the format has no such option. */
  range?: (format: TargetFormat) => Range | null;
  /** How much one in the field is in the API: 1000 for kbit/s. */
  unit?: number;
  choices?: (format: TargetFormat) => Choice[];
  /** Of a list: what it means to choose nothing. */
  unset?: Text;
  isTaken?: (format: TargetFormat) => boolean;
}

export interface OptionGroup {
  title: Text;
  help?: Text;
  options: ConversionOption[];
}

export const tagPrefix = "metadata.";

const commonSampleRates = [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000];

function sampleRates({ sampleRates: taken, sampleRateRange: { min, max } }: TargetFormat): Choice[] {
  const rates = taken.length > 0 ? taken : commonSampleRates.filter((rate) => min <= rate && rate <= max);
  return rates.map((rate) => ({ value: String(rate), text: `${showNumber(rate)} Hz` }));
}

const channelNames: Record<number, Text> = { 1: "mono", 2: "stereo" };

function channels({ maxChannels }: TargetFormat): Choice[] {
  return Array.from({ length: maxChannels }, (_, index) => {
    const name = channelNames[index + 1];
    return { value: String(index + 1), text: name ? say(name) : String(index + 1) };
  });
}

function bitDepths({ bitDepths: depths }: TargetFormat): Choice[] {
  return depths.map((depth) => ({ value: String(depth), text: depth === "float" ? say("float") : say("bits", { count: depth }) }));
}

const always = (min: number, max: number) => () => ({ min, max });
const drop = () => [{ value: "drop", text: say("drop") }];
const dropOrSplit = () => [...drop(), { value: "split", text: say("splitChapters") }];
const holdsTags = (format: TargetFormat) => format.holdsTags;

export const optionGroups: OptionGroup[] = [
  {
    title: "encodingOptions",
    options: [
      { name: "bitrate", label: "bitrateUnit", range: ({ bitrate }) => bitrate, unit: 1000 },
      { name: "quality", label: "quality", range: ({ quality }) => quality, formatHelp: ({ qualityHelp }) => qualityHelp },
      { name: "sampleRate", label: "sampleRate", choices: sampleRates },
      { name: "channels", label: "channels", choices: channels },
      { name: "bitDepth", label: "bitDepth", choices: bitDepths },
      { name: "reencode", label: "reencode", choices: () => [{ value: "true", text: say("encodeAnew") }], unset: "copyWherePossible" },
    ],
  },
  {
    title: "partOptions",
    options: [
      { name: "start", label: "start", help: "startHelp", placeholder: "0:00" },
      { name: "end", label: "end", help: "endHelp", placeholder: "1:30.5" },
      { name: "trimSilence", label: "trimSilence", help: "trimSilenceHelp", range: always(-120, -10) },
      { name: "fadeIn", label: "fadeIn", range: always(0, 3600) },
      { name: "fadeOut", label: "fadeOut", range: always(0, 3600) },
    ],
  },
  {
    title: "levelOptions",
    help: "levelHelp",
    options: [
      { name: "loudness", label: "loudnessUnit", help: "loudnessHelp", range: always(-70, -5) },
      { name: "truePeak", label: "truePeakUnit", help: "truePeakHelp", range: always(-20, 0) },
      { name: "peak", label: "peakUnit", help: "peakHelp", range: always(-60, 0) },
      { name: "gain", label: "gainUnit", range: always(-100, 60) },
    ],
  },
  {
    title: "tagOptions",
    options: [
      { name: `${tagPrefix}title`, label: "titleTag", help: "tagHelp", isTaken: holdsTags },
      { name: `${tagPrefix}artist`, label: "artistTag", help: "tagHelp", isTaken: holdsTags },
      { name: `${tagPrefix}album`, label: "albumTag", help: "tagHelp", isTaken: holdsTags },
      { name: "tags", label: "sourceTags", choices: drop, unset: "keepAll", isTaken: holdsTags },
      { name: "pictures", label: "sourcePictures", choices: drop, unset: "keepAll", isTaken: (format) => format.holdsPictures },
      { name: "chapters", label: "sourceChapters", choices: dropOrSplit, unset: "keepAll", isTaken: holdsTags },
    ],
  },
];
