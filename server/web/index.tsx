import "./lib/tokens.css";
import "./lib/base.css";
import { render } from "preact";

render(<h1>Sésame</h1>, document.getElementById("page")!);
