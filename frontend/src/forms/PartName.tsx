import { useMemo, useRef, useState } from "react";
import type { PartForm } from "../api/messages";
import { type Choice, Chooser } from "../canvas/Chooser";
import type { Place } from "../canvas/layout";
import { Icon } from "../ui/Icon";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { useForms } from "./context";

const W = {
  choose: ["Choose", "选择"],
  search: ["Search by name or what it does", "按名称或功能搜索"],
  common: ["Common", "常用"],
  all: ["All", "全部"],
} satisfies Record<string, Words>;

interface Offer extends Choice {
  form: PartForm;
}

interface Props {
  id?: string | undefined;
  kinds: readonly string[];
  name: string;
  /** what stands there while there is none */
  empty?: string;
  onChoose: (form: PartForm) => void;
}

/** The name of a part as a button: it opens a search among all of its kinds, the common ones first. */
export function PartName({ id, kinds, name, empty, onChoose }: Props) {
  const say = useSay();
  const { readOnly } = useForms();
  const [at, setAt] = useState<Place | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const open = () => {
    const { left, bottom } = button.current?.getBoundingClientRect() ?? new DOMRect();
    setAt([left, bottom + 3]);
  };
  const close = () => {
    setAt(null);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        id={id}
        type="button"
        className={name ? "form-name" : "form-name unset"}
        aria-haspopup="listbox"
        aria-expanded={at !== null}
        disabled={readOnly !== undefined}
        onClick={open}
      >
        <span>{name || empty || say(W.choose)}</span>
        <Icon name="after" />
      </button>
      {at && <Search kinds={kinds} at={at} onChoose={onChoose} onClose={close} />}
    </>
  );
}

function Search(props: Pick<Props, "kinds" | "onChoose"> & { at: Place; onClose: () => void }) {
  const { kinds, at, onChoose, onClose } = props;
  const say = useSay();
  const offers = useOffers(kinds);
  return (
    <Chooser<Offer>
      label={say(W.search)}
      placeholder={say(W.search)}
      items={offers}
      at={at}
      foot={(offer) => (
        <div className="draw-about">
          <div>{offer && <Said text={offer.form.summary} />}</div>
        </div>
      )}
      onChoose={({ form }) => {
        onClose();
        onChoose(form);
      }}
      onClose={onClose}
    />
  );
}

function useOffers(kinds: readonly string[]): Offer[] {
  const say = useSay();
  const { parts } = useForms();
  const wanted = kinds.join();
  return useMemo(() => {
    const chosen = parts.filter(({ kind }) => wanted.split(",").includes(kind));
    const groups = [...new Set(chosen.map(({ group }) => group))];
    const rank = ({ common, group }: PartForm) => (common ? -1 : groups.indexOf(group));
    return [...chosen]
      .sort((a, b) => rank(a) - rank(b))
      .map((form) => ({
        id: `${form.kind}-${form.name}`,
        name: form.name,
        detail: form.summary,
        words: form.words ?? form.summary,
        also: form.also,
        common: form.common,
        group: form.common ? say(W.common) : form.heading || say(W.all),
        form,
      }));
  }, [parts, wanted, say]);
}
