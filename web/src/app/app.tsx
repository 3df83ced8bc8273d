import { useWords } from "@/lib/i18n";

/** The whole client: the frame with its routes. */
export function App() {
  const words = useWords();
  return <main>{words.common.loading}</main>;
}
