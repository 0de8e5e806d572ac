package import Basics

extension Reference {
    /// The file's JSON Schema (draft 2020-12), by which editors check and complete it.
    package static func jsonSchema(_ catalogue: Catalogue) -> JSON {
        var properties: [JSON.Member] = []
        for section in catalogue.sections {
            if section.key.isEmpty {
                properties += Tree(section.shapes()).properties
            } else {
                properties.append(JSON.Member(section.key, schema(of: section)))
            }
        }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Custos configuration",
            "type": "object",
            "additionalProperties": false,
            "properties": .object(properties),
        ]
    }

    private static func schema(of section: any AnySection) -> JSON {
        let tree = Tree(section.shapes())
        var members: [JSON.Member] = [
            JSON.Member("description", .string(section.summary)),
            JSON.Member("type", ["object", "null"]),
            JSON.Member("additionalProperties", false),
        ]
        if section.instances == .single {
            members.append(JSON.Member("properties", .object(tree.properties)))
        } else {
            let instance = orSwitch(section, tree.object(allowingNull: true))
            let defaults = JSON.Member(Names.defaults, tree.object(allowingNull: true))
            members.append(JSON.Member("properties", .object(tree.properties + [defaults])))
            // A pattern also applies to the named properties, so it has to leave them out.
            let taken = (tree.properties.map(\.name) + [Names.defaults]).joined(separator: "|")
            members.append(
                JSON.Member("patternProperties", .object([.init("^(?!(\(taken))$)[a-z][a-z0-9_-]{0,63}$", instance)]))
            )
        }
        return orSwitch(section, .object(members))
    }

    private static func orSwitch(_ section: any AnySection, _ schema: JSON) -> JSON {
        section.isKind ? ["anyOf": [schema, Bool.jsonSchema]] : schema
    }

    /// Fields by their first key: leaves and groups.
    private struct Tree {
        var properties: [JSON.Member] = []

        init(_ shapes: [FieldShape], depth: Int = 0) {
            var seen: Set<String> = []
            for shape in shapes {
                let key = shape.path[depth]
                guard seen.insert(key).inserted else { continue }
                if shape.path.count > depth + 1 {
                    let inner = Tree(shapes.filter { $0.path.count > depth && $0.path[depth] == key }, depth: depth + 1)
                    properties.append(JSON.Member(key, inner.object(allowingNull: true)))
                } else {
                    properties += Self.leaf(shape, key)
                }
            }
        }

        func object(allowingNull: Bool) -> JSON {
            [
                "type": allowingNull ? ["object", "null"] : "object",
                "additionalProperties": false,
                "properties": .object(properties),
            ]
        }

        private static func leaf(_ shape: FieldShape, _ key: String) -> [JSON.Member] {
            let variable: JSON = ["type": "string", "pattern": #"\$\{"#]
            let value: JSON = [
                "description": .string(shape.summary),
                "anyOf": [shape.jsonSchema, variable],
                "default": .string(shape.defaultShown),
            ]
            guard shape.acceptsFile else { return [JSON.Member(key, value)] }
            let file: JSON = [
                "description": .string("The file that holds `\(key)`. \(shape.summary)"), "type": "string",
            ]
            return [JSON.Member(key, value), JSON.Member(key + Names.fileSuffix, file)]
        }
    }
}
