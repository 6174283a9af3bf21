import './work.css';

export function WorkView() {
  return <h2>Work</h2>;
}
