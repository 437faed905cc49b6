using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Writes tensors as text: the metadata, a table of every matrix, or nested brackets.</summary>
internal sealed class TensorPrinter(string format, int width, CultureInfo culture, string newLine)
{
    /// <summary>Longer dimensions show this many entries at either end.</summary>
    private const int Shown = 3;

    public static string Metadata(Tensor tensor) =>
        $"[{string.Join("x", tensor.shape)}], type = {tensor.dtype}, device = {tensor.device}";

    /// <summary>Metadata, then each matrix with aligned columns.</summary>
    public string Table(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var text = new StringBuilder(Metadata(tensor));
        if (tensor.Dimensions == 0)
            return text.Append(", value = ").Append(Element(tensor)).ToString();
        if (tensor.NumberOfElements == 0)
            return text.ToString();
        text.Append(newLine);
        Matrices(tensor, "", text);
        return text.ToString();
    }

    /// <summary>Nested brackets, one row a line.</summary>
    public string Nested(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var text = new StringBuilder();
        Brackets(tensor, 1, text);
        return text.ToString();
    }

    private void Matrices(Tensor tensor, string place, StringBuilder text)
    {
        if (tensor.Dimensions <= 2)
        {
            if (place.Length > 0)
                text.Append('[').Append(place).Append("..,..] =").Append(newLine);
            Rows(tensor.Dimensions == 1 ? tensor.unsqueeze(0) : tensor, text);
            return;
        }
        for (var i = 0L; i < tensor.size(0); i++)
        {
            Matrices(tensor[i], $"{place}{i},", text);
            if (i + 1 < tensor.size(0))
                text.Append(newLine);
        }
    }

    private void Rows(Tensor matrix, StringBuilder text)
    {
        var cells = Places(matrix.size(0))
            .Select(row =>
                row < 0
                    ? null
                    : Places(matrix.size(1))
                        .Select(column => column < 0 ? "..." : Element(matrix[row, column]))
                        .ToArray()
            )
            .ToArray();
        var columns = cells[0]!.Length;
        var widths = new int[columns];
        foreach (var row in cells)
            for (var i = 0; row is not null && i < columns; i++)
                widths[i] = Math.Max(widths[i], row[i].Length);
        foreach (var row in cells)
        {
            var line = new StringBuilder();
            for (var i = 0; row is not null && i < columns && line.Length < width; i++)
                line.Append(' ').Append(row[i].PadLeft(widths[i]));
            text.Append(row is null ? " ..." : line).Append(newLine);
        }
    }

    private void Brackets(Tensor tensor, int indent, StringBuilder text)
    {
        if (tensor.Dimensions == 0)
        {
            text.Append(Element(tensor));
            return;
        }
        text.Append('[');
        var separator = tensor.Dimensions == 1 ? " " : newLine + new string(' ', indent);
        var start = true;
        foreach (var i in Places(tensor.size(0)))
        {
            if (!start)
                text.Append(separator);
            start = false;
            if (i < 0)
                text.Append("...");
            else
                Brackets(tensor[i], indent + 1, text);
        }
        text.Append(']');
    }

    /// <summary>The entries of a dimension to show; -1 stands for those left out.</summary>
    private static IEnumerable<long> Places(long length)
    {
        if (length <= 2 * Shown)
        {
            for (var i = 0L; i < length; i++)
                yield return i;
            yield break;
        }
        for (var i = 0L; i < Shown; i++)
            yield return i;
        yield return -1;
        for (var i = length - Shown; i < length; i++)
            yield return i;
    }

    private string Element(Tensor element)
    {
        if (element.dtype == ScalarType.Bool)
            return element.ToBoolean() ? "true" : "false";
        return element.is_integral()
            ? element.ToInt64().ToString(culture)
            : element.ToDouble().ToString(format, culture);
    }
}
