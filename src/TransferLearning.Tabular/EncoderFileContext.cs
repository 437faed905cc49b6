using System.Text.Json.Serialization;

namespace TransferLearning.Tabular;

/// <summary>
/// The JSON of <see cref="EncoderFile"/>, made when the package is built: nothing is found by reflection.
/// </summary>
[JsonSerializable(typeof(EncoderFile))]
internal sealed partial class EncoderFileContext : JsonSerializerContext;
