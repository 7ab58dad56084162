import "../../../server/web/lib/tokens.css";
import "../../../server/web/lib/base.css";
import { render } from "preact";

render(<h1>Sésame</h1>, document.getElementById("page")!);
