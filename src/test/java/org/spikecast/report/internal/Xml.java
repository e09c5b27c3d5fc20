package org.spikecast.report.internal;

import java.io.IOException;
import java.io.StringReader;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The JDK's parser, which refuses what is not well-formed. */
final class Xml {
    private Xml() {}

    static Document parse(String text) {
        try {
            DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            builder.setErrorHandler(null);
            return builder.parse(new InputSource(new StringReader(text)));
        } catch (IOException | ParserConfigurationException | SAXException e) {
            throw new AssertionError(e.getMessage() + " in " + text, e);
        }
    }
}
