namespace TransferLearning.Internal;

/// <summary>What files call parts: the ids of saved parts, and one word for all networks.</summary>
internal static class PartKinds
{
    public const string Network = "network";

    public static ISavedPart Create(string kind, StateBag state)
    {
        var part = SavedParts.Empty(kind);
        part.Exchange(state);
        return part;
    }

    public static T As<T>(object part, string kind)
        where T : class =>
        part as T ?? throw new InvalidDataException($"The file holds a '{kind}' where a {typeof(T).Name} is expected.");
}
