// The 64 pictures that the keys of a call are compared by: the table of Matrix
// ("SAS method: emoji"), with its English and German names. The order is what
// both sides agree on; nothing may be moved.

import { speech } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";

/** One of the pictures, with its name. */
export interface Picture {
  readonly emoji: string;
  readonly name: string;
}

/** The picture of a number below 64, in the language in use. */
export function usePicture(): (number: number) => Picture {
  const { language } = useReadable(speech);
  return (number) => {
    const [emoji, en, de] = pictures[number] ?? NONE;
    return { emoji, name: language === "de" ? de : en };
  };
}

const NONE = ["", "", ""] as const;

export const pictures: readonly (readonly [emoji: string, en: string, de: string])[] = [
  ["🐶", "Dog", "Hund"],
  ["🐱", "Cat", "Katze"],
  ["🦁", "Lion", "Löwe"],
  ["🐎", "Horse", "Pferd"],
  ["🦄", "Unicorn", "Einhorn"],
  ["🐷", "Pig", "Schwein"],
  ["🐘", "Elephant", "Elefant"],
  ["🐰", "Rabbit", "Hase"],
  ["🐼", "Panda", "Panda"],
  ["🐓", "Rooster", "Hahn"],
  ["🐧", "Penguin", "Pinguin"],
  ["🐢", "Turtle", "Schildkröte"],
  ["🐟", "Fish", "Fisch"],
  ["🐙", "Octopus", "Oktopus"],
  ["🦋", "Butterfly", "Schmetterling"],
  ["🌷", "Flower", "Blume"],
  ["🌳", "Tree", "Baum"],
  ["🌵", "Cactus", "Kaktus"],
  ["🍄", "Mushroom", "Pilz"],
  ["🌏", "Globe", "Globus"],
  ["🌙", "Moon", "Mond"],
  ["☁️", "Cloud", "Wolke"],
  ["🔥", "Fire", "Feuer"],
  ["🍌", "Banana", "Banane"],
  ["🍎", "Apple", "Apfel"],
  ["🍓", "Strawberry", "Erdbeere"],
  ["🌽", "Corn", "Mais"],
  ["🍕", "Pizza", "Pizza"],
  ["🎂", "Cake", "Kuchen"],
  ["❤️", "Heart", "Herz"],
  ["😀", "Smiley", "Smiley"],
  ["🤖", "Robot", "Roboter"],
  ["🎩", "Hat", "Hut"],
  ["👓", "Glasses", "Brille"],
  ["🔧", "Spanner", "Schraubenschlüssel"],
  ["🎅", "Santa", "Nikolaus"],
  ["👍", "Thumbs up", "Daumen hoch"],
  ["☂️", "Umbrella", "Regenschirm"],
  ["⌛", "Hourglass", "Sanduhr"],
  ["⏰", "Clock", "Wecker"],
  ["🎁", "Gift", "Geschenk"],
  ["💡", "Light bulb", "Glühbirne"],
  ["📕", "Book", "Buch"],
  ["✏️", "Pencil", "Bleistift"],
  ["📎", "Paperclip", "Büroklammer"],
  ["✂️", "Scissors", "Schere"],
  ["🔒", "Lock", "Schloss"],
  ["🔑", "Key", "Schlüssel"],
  ["🔨", "Hammer", "Hammer"],
  ["☎️", "Telephone", "Telefon"],
  ["🏁", "Flag", "Flagge"],
  ["🚂", "Train", "Zug"],
  ["🚲", "Bicycle", "Fahrrad"],
  ["✈️", "Aeroplane", "Flugzeug"],
  ["🚀", "Rocket", "Rakete"],
  ["🏆", "Trophy", "Pokal"],
  ["⚽", "Ball", "Ball"],
  ["🎸", "Guitar", "Gitarre"],
  ["🎺", "Trumpet", "Trompete"],
  ["🔔", "Bell", "Glocke"],
  ["⚓", "Anchor", "Anker"],
  ["🎧", "Headphones", "Kopfhörer"],
  ["📁", "Folder", "Ordner"],
  ["📌", "Pin", "Stecknadel"],
];
