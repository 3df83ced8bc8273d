import { Field } from "@/components/field";
import { useWords } from "@/lib/i18n";
import { NAME_CHARS } from "@/protocol/wire";

/** What a room is called; complains when it must not stay empty. */
export function RoomNameField({
  value,
  missing,
  onChange,
}: {
  value: string;
  missing: boolean;
  onChange: (name: string) => void;
}) {
  const { rooms } = useWords();
  return (
    <Field
      label={rooms.name}
      value={value}
      maxLength={NAME_CHARS}
      autoComplete="off"
      autoFocus
      error={missing ? rooms.nameMissing : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
