import { Section } from "@/components/page";
import { useSecurityWords } from "@/lib/words/security";

/** What is protected, from whom, and what is not. */
export function Privacy() {
  const { privacy } = useSecurityWords();
  return (
    <>
      <p className="mb-8 max-w-prose">{privacy.lead}</p>
      <Section title={privacy.does.title}>
        <Points of={privacy.does.points} />
      </Section>
      <Section title={privacy.from.title} text={privacy.from.text} />
      <Section title={privacy.not.title}>
        <Points of={privacy.not.points} />
      </Section>
      <Section title={privacy.doing.title} text={privacy.doing.text} />
    </>
  );
}

function Points({ of: points }: { of: Readonly<Record<string, string>> }) {
  return (
    <ul className="flex max-w-prose list-disc flex-col gap-2 pl-5 marker:text-muted-foreground">
      {Object.entries(points).map(([name, text]) => (
        <li key={name}>{text}</li>
      ))}
    </ul>
  );
}
