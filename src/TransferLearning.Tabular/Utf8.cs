using System.Text;

namespace TransferLearning.Tabular;

/// <summary>Text files in UTF-8, where other bytes are a fault and not silently another letter.</summary>
internal static class Utf8
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    public static StreamReader Open(string path) => new(path, Strict);

    public static string Decode(ReadOnlySpan<byte> bytes) => Strict.GetString(bytes);

    /// <summary>Runs what reads the file; bytes that are no UTF-8 become an error that names it.</summary>
    public static T Named<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException fault)
        {
            throw new InvalidDataException(
                $"'{path}' is not text in UTF-8: save it in UTF-8, or give Table.ReadCsv a StreamReader of its "
                    + "encoding.",
                fault
            );
        }
    }
}
