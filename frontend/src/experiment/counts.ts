/** A large count in few signs: 432, 18.5 k, 1.2 M. */
export function counted(count: number): string {
  const units = ["", " k", " M", " G", " T"];
  let place = 0;
  let value = count;
  while (value >= 1000 && place < units.length - 1) {
    value /= 1000;
    place += 1;
  }
  return `${place === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))}${units[place]}`;
}
